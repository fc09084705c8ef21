use cloister_access::StepUp;

fn forge() -> StepUp {
    StepUp(())
}

fn main() {}
