-- CreateEnum
CREATE TYPE "SagaStep" AS ENUM ('RESERVE_CREDIT', 'AUTHORISE_PAYMENT', 'CAPTURE_PAYMENT', 'REVERSE_PAYMENT', 'RELEASE_CREDIT', 'SETTLE_CREDIT');

-- AlterTable
ALTER TABLE "orders" ADD COLUMN "rejection_reason" TEXT;

-- CreateTable
CREATE TABLE "order_sagas" (
    "order_id" UUID NOT NULL,
    "step" "SagaStep",
    "request_id" UUID,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "deadline" TIMESTAMPTZ(3),
    "traceparent" TEXT,
    "started_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "order_sagas_pkey" PRIMARY KEY ("order_id")
);

-- CreateTable
CREATE TABLE "products" (
    "id" UUID NOT NULL,
    "code" TEXT NOT NULL,
    "name" TEXT NOT NULL,

    CONSTRAINT "products_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "product_prices" (
    "product_id" UUID NOT NULL,
    "currency" CHAR(3) NOT NULL,
    "price_minor" BIGINT NOT NULL,

    CONSTRAINT "product_prices_pkey" PRIMARY KEY ("product_id","currency")
);

-- CreateTable
CREATE TABLE "idempotency_records" (
    "operation" TEXT NOT NULL,
    "caller" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "fingerprint" CHAR(64) NOT NULL,
    "answer" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "idempotency_records_pkey" PRIMARY KEY ("operation","caller","key")
);

-- CreateIndex
CREATE UNIQUE INDEX "products_code_key" ON "products"("code");

-- CreateIndex
CREATE INDEX "products_name_id_idx" ON "products"("name", "id");

-- AddForeignKey
ALTER TABLE "order_sagas" ADD CONSTRAINT "order_sagas_order_id_fkey" FOREIGN KEY ("order_id") REFERENCES "orders"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "product_prices" ADD CONSTRAINT "product_prices_product_id_fkey" FOREIGN KEY ("product_id") REFERENCES "products"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- What follows is written by hand: what Prisma's schema language cannot say, and its diff does not look at.

-- The row is what the events fold to, also for orders that were refused before there was a column for the reason.
UPDATE "orders" SET "rejection_reason" = "reasons"."reason"
    FROM (
        SELECT DISTINCT ON ("order_id") "order_id", "data" ->> 'reason' AS "reason"
            FROM "order_events" WHERE "type" IN ('OrderRejectionStarted', 'OrderRejected')
            ORDER BY "order_id", "version" DESC
    ) AS "reasons"
    WHERE "orders"."id" = "reasons"."order_id";

ALTER TABLE "product_prices"
    ADD CONSTRAINT "product_prices_price_minor_check" CHECK ("price_minor" BETWEEN 1 AND 9007199254740991),
    ADD CONSTRAINT "product_prices_currency_check" CHECK ("currency" ~ '^[A-Z]{3}$');

-- A saga waits for one reply until one deadline, or for nothing.
ALTER TABLE "order_sagas"
    ADD CONSTRAINT "order_sagas_waiting_check" CHECK (
        ("step" IS NULL) = ("request_id" IS NULL) AND ("step" IS NULL) = ("deadline" IS NULL)
    );

-- Sagas that wait, the longest overdue first: a small part of all of them.
CREATE INDEX "order_sagas_deadline_idx" ON "order_sagas"("deadline") WHERE "deadline" IS NOT NULL;
