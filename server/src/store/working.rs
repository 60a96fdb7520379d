//! What a job sees: the loaded rows of its circle, and its own writes laid over them.
