/** The roles of every tenant, from the least. */
export const builtInRoles = ['viewer', 'data_scientist', 'ml_engineer', 'tenant_admin'];
