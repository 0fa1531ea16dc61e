"""A recorded program with names: its values, what each operation computes, keeps and sends."""
