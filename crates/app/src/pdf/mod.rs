//! A small typesetter over `krilla`: pages, text that is measured before it is set, tables that go over pages, bars.
//! Type is Inter, set with figures of one width.

mod page;

pub(crate) use page::{Column, Document, Ink, Style};

use crate::AppError;

/// A PDF that cannot be made is a mistake of ours: the fonts are built in and the text is plain.
pub(crate) const fn cannot_typeset() -> AppError {
    AppError::Internal("the typesetter")
}
