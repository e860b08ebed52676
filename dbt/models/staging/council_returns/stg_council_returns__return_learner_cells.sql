{{ return_cells('return_learners') }}
