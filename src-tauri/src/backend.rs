use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::PathBuf;

#[derive(Debug, Clone, Serialize)]
pub struct ProgressDto {
    pub stage: String,
    pub done: f64,
    pub total: Option<f64>,
    pub unit: String,
}

#[derive(Debug, Clone, Serialize)]
pub struct UiError {
    pub code: String,
    pub params: BTreeMap<String, String>,
    pub incident: Option<String>,
}

pub trait Ports {
    fn progress(&self, progress: ProgressDto);
    fn pick_file(&self, kind: &str) -> Option<PathBuf>;
}

#[derive(Debug)]
pub struct App;

impl App {
    pub fn call(&self, name: &str, _payload: Value, _ports: &dyn Ports) -> Result<Value, UiError> {
        Err(UiError { code: "internal".into(), params: BTreeMap::from([("name".into(), name.into())]), incident: None })
    }
}
