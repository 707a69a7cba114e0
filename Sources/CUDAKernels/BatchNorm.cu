// Batch normalisation.
