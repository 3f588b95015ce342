-- CreateEnum
CREATE TYPE "ProviderAction" AS ENUM ('AUTHORISE', 'CAPTURE', 'REVERSE', 'REFUND');

-- CreateTable
CREATE TABLE "provider_calls" (
    "id" UUID NOT NULL,
    "payment_id" UUID NOT NULL,
    "sequence" INTEGER NOT NULL,
    "action" "ProviderAction" NOT NULL,
    "amount_minor" BIGINT NOT NULL,
    "request_id" UUID,
    "correlation_id" TEXT NOT NULL,
    "traceparent" TEXT,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "next_attempt_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "provider_calls_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "simulated_provider_calls" (
    "key" TEXT NOT NULL,
    "payment_id" TEXT NOT NULL,
    "action" TEXT NOT NULL,
    "amount_minor" BIGINT NOT NULL,
    "currency" CHAR(3) NOT NULL,
    "outcome" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "simulated_provider_calls_pkey" PRIMARY KEY ("key")
);

-- CreateIndex
CREATE UNIQUE INDEX "provider_calls_payment_id_sequence_key" ON "provider_calls"("payment_id", "sequence");

-- CreateIndex
CREATE INDEX "simulated_provider_calls_payment_id_idx" ON "simulated_provider_calls"("payment_id");

-- AddForeignKey
ALTER TABLE "provider_calls" ADD CONSTRAINT "provider_calls_payment_id_fkey" FOREIGN KEY ("payment_id") REFERENCES "payments"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- What follows is written by hand: what Prisma's schema language cannot say, and its diff does not look at.

ALTER TABLE "provider_calls"
    ADD CONSTRAINT "provider_calls_amount_minor_check" CHECK ("amount_minor" BETWEEN 1 AND 9007199254740991);

-- Calls that are not answered, the longest due first: a small part of all of them.
CREATE INDEX "provider_calls_next_attempt_at_idx" ON "provider_calls"("next_attempt_at") WHERE "next_attempt_at" IS NOT NULL;
