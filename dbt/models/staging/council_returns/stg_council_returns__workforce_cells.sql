{{ number_cells('council_workforce') }}
