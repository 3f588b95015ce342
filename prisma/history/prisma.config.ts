import { defineConfig } from "prisma/config";

// No datasource URL: `prisma generate` needs none, and migrations are applied by `npm run db`.
export default defineConfig({
  schema: "schema.prisma",
  migrations: { path: "migrations" },
});
