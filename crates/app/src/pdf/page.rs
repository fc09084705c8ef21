//! Pages of A4, filled from the top.

use super::cannot_typeset;
use crate::AppError;
use krilla::{
    color::rgb,
    geom::{PathBuilder, Point, Rect},
    metadata::Metadata,
    page::PageSettings,
    paint::Fill,
    text::{Font, TextDirection},
};
use rustybuzz::{Face, UnicodeBuffer};

const REGULAR: &[u8] = include_bytes!("../../assets/fonts/Inter-Regular.otf");
const SEMI_BOLD: &[u8] = include_bytes!("../../assets/fonts/Inter-SemiBold.otf");

/// Points.
const WIDTH: f32 = 595.28;
const HEIGHT: f32 = 841.89;
const SIDE: f32 = 56.0;
const TOP: f32 = 62.0;
const BOTTOM: f32 = 66.0;

/// A colour of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ink {
    Text,
    Quiet,
    Accent,
    Good,
    Danger,
    Line,
    Wash,
}

impl Ink {
    const fn rgb(self) -> (u8, u8, u8) {
        match self {
            Self::Text => (23, 33, 35),
            Self::Quiet => (90, 106, 110),
            Self::Accent => (23, 102, 110),
            Self::Good => (28, 107, 69),
            Self::Danger => (168, 42, 36),
            Self::Line => (214, 222, 222),
            Self::Wash => (240, 245, 245),
        }
    }

    fn fill(self) -> Fill {
        let (r, g, b) = self.rgb();
        Fill { paint: rgb::Color::new(r, g, b).into(), ..Fill::default() }
    }
}

/// How text is set. Sizes and distances in points.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Style {
    pub(crate) size: f32,
    pub(crate) bold: bool,
    pub(crate) ink: Ink,
    pub(crate) leading: f32,
}

impl Style {
    pub(crate) const BODY: Self = Self { size: 9.5, bold: false, ink: Ink::Text, leading: 14.5 };
    pub(crate) const SMALL: Self = Self { size: 8.0, bold: false, ink: Ink::Quiet, leading: 11.5 };
    pub(crate) const CELL: Self = Self { size: 8.6, bold: false, ink: Ink::Text, leading: 12.0 };
    pub(crate) const TITLE: Self = Self { size: 21.0, bold: true, ink: Ink::Text, leading: 27.0 };
    pub(crate) const HEADING: Self = Self { size: 12.5, bold: true, ink: Ink::Text, leading: 18.0 };

    pub(crate) const fn ink(self, ink: Ink) -> Self {
        Self { ink, ..self }
    }

    pub(crate) const fn bold(self) -> Self {
        Self { bold: true, ..self }
    }

    pub(crate) const fn size(self, size: f32) -> Self {
        Self { size, ..self }
    }
}

/// A column of a table: its heading, its share of the width, whether figures stand at its right edge.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Column {
    pub(crate) heading: &'static str,
    pub(crate) share: f32,
    pub(crate) right: bool,
}

enum Piece {
    Text { x: f32, y: f32, style: Style, text: String },
    Box { x: f32, y: f32, w: f32, h: f32, ink: Ink },
}

/// A document in the making. Positions are set first and drawn at the end, when the number of pages is known.
pub(crate) struct Document {
    regular: Face<'static>,
    bold: Face<'static>,
    pages: Vec<Vec<Piece>>,
    /// Where the next thing goes, from the top.
    y: f32,
    title: String,
    footer: String,
}

impl Document {
    /// An empty document. `footer` stands at the foot of each page, beside its number.
    pub(crate) fn new(title: &str, footer: &str) -> Result<Self, AppError> {
        let face = |data| Face::from_slice(data, 0).ok_or_else(cannot_typeset);
        Ok(Self {
            regular: face(REGULAR)?,
            bold: face(SEMI_BOLD)?,
            pages: vec![Vec::new()],
            y: TOP,
            title: title.to_owned(),
            footer: footer.to_owned(),
        })
    }

    /// The width between the margins.
    pub(crate) const fn width() -> f32 {
        WIDTH - 2.0 * SIDE
    }

    /// The height between the margins.
    pub(crate) const fn height() -> f32 {
        HEIGHT - TOP - BOTTOM
    }

    /// Leaves room.
    pub(crate) fn space(&mut self, points: f32) {
        self.y += points;
    }

    /// Begins a new page unless so much room is left.
    pub(crate) fn need(&mut self, points: f32) {
        if self.y + points > HEIGHT - BOTTOM {
            self.pages.push(Vec::new());
            self.y = TOP;
        }
    }

    /// A paragraph.
    pub(crate) fn paragraph(&mut self, text: &str, style: Style) {
        self.indented(text, style, 0.0);
    }

    /// A point of a list.
    pub(crate) fn point(&mut self, text: &str, style: Style) {
        self.need(style.leading);
        self.place(SIDE + 1.0, self.y + style.size, "•", style.ink(Ink::Accent));
        self.indented(text, style, 12.0);
        self.space(2.5);
    }

    fn indented(&mut self, text: &str, style: Style, indent: f32) {
        for line in self.broken(text, style, Self::width() - indent) {
            self.need(style.leading);
            self.place(SIDE + indent, self.y + style.size, &line, style);
            self.y += style.leading;
        }
    }

    /// A heading that stays with what follows.
    pub(crate) fn heading(&mut self, text: &str) {
        self.need(76.0);
        self.space(20.0);
        self.paragraph(text, Style::HEADING);
        self.space(4.0);
    }

    /// A line from margin to margin.
    pub(crate) fn rule(&mut self) {
        self.fill(SIDE, self.y, Self::width(), 0.6, Ink::Line);
    }

    /// Figures side by side, each with its words beneath.
    pub(crate) fn figures(&mut self, figures: &[(&str, String, Ink)]) {
        const HEIGHT_OF: f32 = 62.0;
        const GAP: f32 = 10.0;
        self.need(HEIGHT_OF);
        #[expect(clippy::cast_precision_loss, reason = "a handful of figures")]
        let count = figures.len().max(1) as f32;
        let width = (Self::width() - GAP * (count - 1.0)) / count;
        let mut x = SIDE;
        for (words, figure, ink) in figures {
            self.fill(x, self.y, width, HEIGHT_OF, Ink::Wash);
            self.fill(x, self.y, 2.5, HEIGHT_OF, *ink);
            let mut style = Style::HEADING.size(19.0).ink(*ink);
            while self.measure(figure, style) > width - 24.0 && style.size > 9.0 {
                style.size -= 0.5;
            }
            self.place(x + 14.0, self.y + 30.0, figure, style);
            self.place(x + 14.0, self.y + 48.0, words, Style::SMALL);
            x += width + GAP;
        }
        self.y += HEIGHT_OF;
    }

    /// Bars, one for each value, with a label under some of them.
    pub(crate) fn bars(&mut self, values: &[(String, u64, u64)]) {
        const TALL: f32 = 92.0;
        self.need(TALL + 30.0);
        let most = values.iter().map(|(_, n, _)| *n).max().unwrap_or(0).max(1);
        #[expect(clippy::cast_precision_loss, reason = "heights of bars")]
        let (count, most) = (values.len().max(1) as f32, most as f32);
        let slot = Self::width() / count.max(12.0);
        let base = self.y + TALL;
        for part in [0.0, 0.5, 1.0] {
            self.fill(SIDE, base - TALL * part, Self::width(), 0.4, Ink::Line);
        }
        let label_every = (values.len() / 8).max(1);
        for (i, (label, n, bad)) in values.iter().enumerate() {
            #[expect(clippy::cast_precision_loss, reason = "heights of bars")]
            let (at, tall, low) = (SIDE + slot * i as f32, TALL * *n as f32 / most, TALL * *bad as f32 / most);
            let bar = (slot * 0.68).min(26.0);
            self.fill(at, base - tall, bar, tall.max(0.6), Ink::Accent);
            if *bad > 0 {
                self.fill(at, base - low, bar, low.max(1.2), Ink::Danger);
            }
            if i % label_every == 0 {
                self.place(at, base + 11.0, label, Style::SMALL.size(7.0));
            }
        }
        self.y = base + 22.0;
    }

    /// A table; its headings come again on each page.
    pub(crate) fn table(&mut self, columns: &[Column], rows: &[Vec<String>]) {
        let shares: f32 = columns.iter().map(|c| c.share).sum();
        let widths: Vec<f32> = columns.iter().map(|c| Self::width() * c.share / shares).collect();
        self.table_head(columns, &widths);
        for row in rows {
            let cells: Vec<Vec<String>> =
                row.iter().zip(&widths).map(|(text, width)| self.broken(text, Style::CELL, width - 8.0)).collect();
            let lines = cells.iter().map(Vec::len).max().unwrap_or(1);
            #[expect(clippy::cast_precision_loss, reason = "lines of a cell")]
            let tall = lines as f32 * Style::CELL.leading + 6.0;
            let page = self.pages.len();
            self.need(tall);
            if self.pages.len() > page {
                self.table_head(columns, &widths);
            }
            let mut x = SIDE;
            for ((cell, column), width) in cells.iter().zip(columns).zip(&widths) {
                let mut y = self.y + 3.0 + Style::CELL.size;
                for line in cell {
                    self.cell(x, y, *width, line, Style::CELL, column.right);
                    y += Style::CELL.leading;
                }
                x += width;
            }
            self.y += tall;
            self.fill(SIDE, self.y, Self::width(), 0.4, Ink::Line);
        }
    }

    fn table_head(&mut self, columns: &[Column], widths: &[f32]) {
        self.need(44.0);
        let style = Style::SMALL.bold();
        let mut x = SIDE;
        for (column, width) in columns.iter().zip(widths) {
            self.cell(x, self.y + 11.0, *width, column.heading, style, column.right);
            x += width;
        }
        self.y += 17.0;
        self.fill(SIDE, self.y, Self::width(), 0.9, Ink::Accent);
    }

    fn cell(&mut self, x: f32, y: f32, width: f32, text: &str, style: Style, right: bool) {
        // The last column ends at the margin; between two there is a gutter.
        let gutter = if (x + width - (WIDTH - SIDE)).abs() < 1.0 { 0.0 } else { 8.0 };
        let x = if right { x + width - gutter - self.measure(text, style) } else { x };
        self.place(x, y, text, style);
    }

    fn place(&mut self, x: f32, y: f32, text: &str, style: Style) {
        self.piece(Piece::Text { x, y, style, text: text.to_owned() });
    }

    fn fill(&mut self, x: f32, y: f32, w: f32, h: f32, ink: Ink) {
        self.piece(Piece::Box { x, y, w, h, ink });
    }

    fn piece(&mut self, piece: Piece) {
        if let Some(page) = self.pages.last_mut() {
            page.push(piece);
        }
    }

    fn measure(&self, text: &str, style: Style) -> f32 {
        let face = if style.bold { &self.bold } else { &self.regular };
        let mut buffer = UnicodeBuffer::new();
        buffer.push_str(text);
        let shaped = rustybuzz::shape(face, &[], buffer);
        let units: i32 = shaped.glyph_positions().iter().map(|p| p.x_advance).sum();
        #[expect(clippy::cast_precision_loss, reason = "font units")]
        let em = units as f32 / face.units_per_em() as f32;
        em * style.size
    }

    /// Text in lines no wider than `width`. A word that is wider by itself is broken where it must be.
    fn broken(&self, text: &str, style: Style, width: f32) -> Vec<String> {
        let mut lines = Vec::new();
        let mut line = String::new();
        for word in text.split_whitespace() {
            let longer = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
            if self.measure(&longer, style) <= width {
                line = longer;
                continue;
            }
            if !line.is_empty() {
                lines.push(std::mem::take(&mut line));
            }
            for letter in word.chars() {
                line.push(letter);
                if self.measure(&line, style) > width && line.chars().count() > 1 {
                    line.pop();
                    lines.push(std::mem::replace(&mut line, letter.to_string()));
                }
            }
        }
        if !line.is_empty() || lines.is_empty() {
            lines.push(line);
        }
        lines
    }

    /// The first character of a text that the built-in type has no sign for.
    pub(crate) fn missing(&self, text: &str) -> Option<char> {
        text.chars().find(|c| !c.is_whitespace() && self.regular.glyph_index(*c).is_none())
    }

    /// The file.
    pub(crate) fn finish(mut self) -> Result<Vec<u8>, AppError> {
        let total = self.pages.len();
        for i in 0..total {
            let number = format!("{} / {total}", i + 1);
            let right = WIDTH - SIDE - self.measure(&number, Style::SMALL);
            let foot = HEIGHT - 38.0;
            let footer = self.footer.clone();
            let page = &mut self.pages[i];
            page.push(Piece::Box { x: SIDE, y: foot - 15.0, w: Self::width(), h: 0.4, ink: Ink::Line });
            page.push(Piece::Text { x: SIDE, y: foot, style: Style::SMALL, text: footer });
            page.push(Piece::Text { x: right, y: foot, style: Style::SMALL, text: number });
        }
        let font = |data: &'static [u8]| Font::new(data.into(), 0).ok_or_else(cannot_typeset);
        let (regular, bold) = (font(REGULAR)?, font(SEMI_BOLD)?);
        let mut document = krilla::Document::new();
        document
            .set_metadata(Metadata::new().title(self.title).language("en".to_owned()).creator("Cloister".to_owned()));
        for pieces in self.pages {
            let size = PageSettings::from_wh(WIDTH, HEIGHT).ok_or_else(cannot_typeset)?;
            let mut page = document.start_page_with(size);
            let mut surface = page.surface();
            for piece in pieces {
                match piece {
                    Piece::Box { x, y, w, h, ink } => {
                        let mut path = PathBuilder::new();
                        path.push_rect(Rect::from_xywh(x, y, w.max(0.1), h.max(0.1)).ok_or_else(cannot_typeset)?);
                        surface.set_fill(Some(ink.fill()));
                        surface.draw_path(&path.finish().ok_or_else(cannot_typeset)?);
                    }
                    Piece::Text { x, y, style, text } => {
                        surface.set_fill(Some(style.ink.fill()));
                        let font = if style.bold { bold.clone() } else { regular.clone() };
                        let at = Point::from_xy(x, y);
                        surface.draw_text(at, font, style.size, &text, false, TextDirection::Auto);
                    }
                }
            }
            surface.finish();
            page.finish();
        }
        document.finish().map_err(|_| cannot_typeset())
    }
}
