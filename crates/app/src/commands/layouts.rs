//! How a person's notes are laid out.

use crate::{
    AppError,
    command::{Command, Context},
    dto::{LayoutSectionDto, NoteLayoutDto},
    present,
};
use cloister_access::{ReadLayouts, Target, WriteLayouts};
use cloister_domain::{Detail, DetailKey, NoteLayout, NoteTemplate, code};
use cloister_store::SeesLayouts;
use serde::Deserialize;

const TEMPLATES: [NoteTemplate; 5] =
    [NoteTemplate::Soap, NoteTemplate::Letter, NoteTemplate::Discharge, NoteTemplate::Referral, NoteTemplate::Free];

/// The five kinds of document, as they are laid out for this person.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListLayouts {}

impl Command for ListLayouts {
    const NAME: &'static str = "list_layouts";
    type Needs = ReadLayouts;
    type Output = Vec<NoteLayoutDto>;

    fn target(&self) -> Target {
        Target::Encounters
    }

    fn run(self, cx: &Context<'_, ReadLayouts>) -> Result<Self::Output, AppError> {
        all(cx)
    }
}

/// Keeps a layout of one's own, or, with none, goes back to the bundled one. A note that is begun keeps its layout until
/// its kind is chosen anew.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SaveLayout {
    template: NoteTemplate,
    layout: Option<NoteLayout>,
}

impl Command for SaveLayout {
    const NAME: &'static str = "save_layout";
    type Needs = WriteLayouts;
    type Output = Vec<NoteLayoutDto>;

    fn target(&self) -> Target {
        Target::Encounters
    }

    fn run(self, cx: &Context<'_, WriteLayouts>) -> Result<Self::Output, AppError> {
        cx.record(DetailKey::Kind, Detail::Code(code!("note_layout")));
        let layout = self.layout.map(NoteLayout::checked).transpose().map_err(|e| AppError::Usage(e.to_string()))?;
        // The bundled one is nobody's own.
        let own = layout.filter(|l| *l != NoteLayout::bundled(self.template));
        cx.open.stores.keep_note_layout(&cx.grant, self.template, own.as_ref())?;
        all(cx)
    }
}

fn all<P: SeesLayouts>(cx: &Context<'_, P>) -> Result<Vec<NoteLayoutDto>, AppError> {
    let one = |template: NoteTemplate| {
        let own = cx.open.stores.note_layout(&cx.grant, template)?;
        let section = |s: &cloister_domain::LayoutSection| LayoutSectionDto {
            key: s.key.clone(),
            title: s.title.clone(),
            topics: s.topics.iter().map(|t| present::word(*t)).collect(),
        };
        let is_own = own.is_some();
        let layout = own.unwrap_or_else(|| NoteLayout::bundled(template));
        Ok(NoteLayoutDto {
            template: present::word(template),
            own: is_own,
            title: layout.title.clone(),
            sections: layout.sections.iter().map(section).collect(),
        })
    };
    TEMPLATES.into_iter().map(one).collect()
}
