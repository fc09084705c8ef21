//! What must not compile: reaching a store without the gate, or with less than it asks for.

#[test]
fn no_way_round_the_gate() {
    trybuild::TestCases::new().compile_fail("../../tests/compile-fail/*.rs");
}
