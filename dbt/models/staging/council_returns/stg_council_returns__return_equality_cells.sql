{{ return_cells('return_equality') }}
