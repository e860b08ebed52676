{{ return_cells('return_totals') }}
