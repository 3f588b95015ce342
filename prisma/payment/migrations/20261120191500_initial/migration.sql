-- CreateEnum
CREATE TYPE "PaymentStatus" AS ENUM ('REQUESTED', 'AUTHORISED', 'CAPTURED', 'PARTIALLY_REFUNDED', 'REFUNDED', 'DECLINED', 'VOIDED');

-- CreateEnum
CREATE TYPE "PaymentMethod" AS ENUM ('CARD', 'CHEQUE', 'TRANSFER');

-- CreateEnum
CREATE TYPE "LedgerEntryType" AS ENUM ('AUTHORISATION', 'CAPTURE', 'REFUND', 'VOID');

-- CreateTable
CREATE TABLE "payments" (
    "id" UUID NOT NULL,
    "customer_id" UUID NOT NULL,
    "order_id" UUID,
    "reference" TEXT,
    "status" "PaymentStatus" NOT NULL,
    "method" "PaymentMethod" NOT NULL,
    "amount_minor" BIGINT NOT NULL,
    "captured_minor" BIGINT NOT NULL DEFAULT 0,
    "refunded_minor" BIGINT NOT NULL DEFAULT 0,
    "currency" CHAR(3) NOT NULL,
    "decline_reason" TEXT,
    "requested_at" TIMESTAMPTZ(3) NOT NULL,
    "captured_at" TIMESTAMPTZ(3),
    "version" INTEGER NOT NULL DEFAULT 1,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "payments_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ledger_entries" (
    "payment_id" UUID NOT NULL,
    "sequence" INTEGER NOT NULL,
    "type" "LedgerEntryType" NOT NULL,
    "amount_minor" BIGINT NOT NULL,
    "reason" TEXT,
    "occurred_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "ledger_entries_pkey" PRIMARY KEY ("payment_id","sequence")
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
CREATE UNIQUE INDEX "payments_order_id_key" ON "payments"("order_id");

-- CreateIndex
CREATE INDEX "payments_customer_id_requested_at_id_idx" ON "payments"("customer_id", "requested_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "payments_customer_id_amount_minor_id_idx" ON "payments"("customer_id", "amount_minor" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "payments_requested_at_id_idx" ON "payments"("requested_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "payments_amount_minor_id_idx" ON "payments"("amount_minor" DESC, "id" DESC);

-- CreateIndex
CREATE UNIQUE INDEX "payments_customer_id_reference_key" ON "payments"("customer_id", "reference");

-- AddForeignKey
ALTER TABLE "ledger_entries" ADD CONSTRAINT "ledger_entries_payment_id_fkey" FOREIGN KEY ("payment_id") REFERENCES "payments"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- What follows is written by hand: what Prisma's schema language cannot say, and its diff does not look at.

-- Money that is refunded was captured, and money that is captured was asked for.
-- It is safe in a JSON number: 9007199254740991 is 2^53 - 1.
ALTER TABLE "payments"
    ADD CONSTRAINT "payments_amount_minor_check" CHECK ("amount_minor" BETWEEN 1 AND 9007199254740991),
    ADD CONSTRAINT "payments_captured_minor_check" CHECK ("captured_minor" BETWEEN 0 AND "amount_minor"),
    ADD CONSTRAINT "payments_refunded_minor_check" CHECK ("refunded_minor" BETWEEN 0 AND "captured_minor"),
    ADD CONSTRAINT "payments_currency_check" CHECK ("currency" ~ '^[A-Z]{3}$'),
    ADD CONSTRAINT "payments_version_check" CHECK ("version" >= 1);

ALTER TABLE "ledger_entries"
    ADD CONSTRAINT "ledger_entries_amount_minor_check" CHECK ("amount_minor" BETWEEN 1 AND 9007199254740991),
    ADD CONSTRAINT "ledger_entries_sequence_check" CHECK ("sequence" >= 1);

-- A ledger is never corrected, only added to.
CREATE FUNCTION "refuse_change_of_ledger_entries"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'ledger_entries is append-only: % is refused', TG_OP
        USING ERRCODE = 'restrict_violation';
END;
$$;

CREATE TRIGGER "ledger_entries_append_only"
    BEFORE UPDATE OR DELETE OR TRUNCATE ON "ledger_entries"
    FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change_of_ledger_entries"();
