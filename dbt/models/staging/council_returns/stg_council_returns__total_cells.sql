{{ number_cells('council_totals') }}
