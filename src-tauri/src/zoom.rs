//! How large the page is shown. The window's own act: it touches no data, and the app is not asked.

use cloister_app::AppError;
use serde_json::Value;
use tauri::WebviewWindow;

/// The name under which the page asks for it.
pub(crate) const NAME: &str = "zoom";

/// Shows everything at `percent` of its size.
///
/// # Errors
/// When it is not 100 to 200, or the window does not take it.
pub(crate) fn set(window: &WebviewWindow, payload: &Value) -> Result<Value, AppError> {
    let factor = factor(payload).ok_or_else(|| AppError::Usage("text is shown at 100 to 200 percent".to_owned()))?;
    window.set_zoom(factor).map_err(|_| AppError::Internal("the window's zoom"))?;
    Ok(Value::Null)
}

fn factor(payload: &Value) -> Option<f64> {
    let percent = payload.get("percent")?.as_f64()?;
    (100.0..=200.0).contains(&percent).then_some(percent / 100.0)
}

#[cfg(test)]
mod tests {
    use super::factor;
    use serde_json::json;

    #[test]
    fn text_grows_to_twice_its_size_and_no_further() {
        assert_eq!(factor(&json!({"percent": 150})), Some(1.5));
        assert_eq!(factor(&json!({"percent": 200})), Some(2.0));
        for percent in [json!(99), json!(201), json!("150"), json!(null)] {
            assert_eq!(factor(&json!({ "percent": percent })), None);
        }
        assert_eq!(factor(&json!({})), None);
    }
}
