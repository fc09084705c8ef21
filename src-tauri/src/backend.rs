use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::PathBuf;

#[derive(Debug, Clone, Serialize)]
pub(crate) struct ProgressDto {
    pub(crate) stage: String,
    pub(crate) done: f64,
    pub(crate) total: Option<f64>,
    pub(crate) unit: String,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct UiError {
    pub(crate) code: String,
    pub(crate) params: BTreeMap<String, String>,
    pub(crate) incident: Option<String>,
}

pub(crate) trait Ports {
    fn progress(&self, progress: ProgressDto);
    fn pick_file(&self, kind: &str) -> Option<PathBuf>;
}

#[derive(Debug)]
pub(crate) struct App;

impl App {
    pub(crate) fn call(&self, name: &str, _payload: Value, _ports: &dyn Ports) -> Result<Value, UiError> {
        Err(UiError { code: "internal".into(), params: BTreeMap::from([("name".into(), name.into())]), incident: None })
    }
}
