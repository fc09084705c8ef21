//! Arithmetic over quantised weights that the tensor library lacks.

mod path;

pub use path::CpuPath;
