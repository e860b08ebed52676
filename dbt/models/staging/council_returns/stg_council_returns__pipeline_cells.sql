{{ number_cells('council_pipeline') }}
