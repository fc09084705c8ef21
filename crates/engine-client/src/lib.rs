//! engine-client
