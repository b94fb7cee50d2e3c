/** The types that every tenant has; others are the tenant's own, and may be typed. */
export const artifactTypes = ['feature_pipeline', 'model_template', 'schema', 'notebook'];
