{{ return_cells('return_workforce') }}
