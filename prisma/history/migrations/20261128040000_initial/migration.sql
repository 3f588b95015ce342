-- CreateEnum
CREATE TYPE "GenerationStatus" AS ENUM ('BUILDING', 'READY', 'LIVE', 'RETIRED');

-- CreateEnum
CREATE TYPE "GenerationPurpose" AS ENUM ('SERVE', 'CHECK');

-- CreateTable
CREATE TABLE "generations" (
    "id" SERIAL NOT NULL,
    "purpose" "GenerationPurpose" NOT NULL,
    "status" "GenerationStatus" NOT NULL DEFAULT 'BUILDING',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "built_at" TIMESTAMPTZ(3),

    CONSTRAINT "generations_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "source_progress" (
    "generation" INTEGER NOT NULL,
    "source" TEXT NOT NULL,
    "snapshot_id" UUID NOT NULL,
    "after" UUID,
    "items" INTEGER NOT NULL DEFAULT 0,
    "is_done" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "source_progress_pkey" PRIMARY KEY ("generation","source")
);

-- CreateTable
CREATE TABLE "customer_heads" (
    "generation" INTEGER NOT NULL,
    "customer_id" UUID NOT NULL,
    "customer" JSONB,
    "version" INTEGER NOT NULL DEFAULT 0,
    "held" JSONB NOT NULL DEFAULT '{}',
    "entry_count" INTEGER NOT NULL DEFAULT 0,
    "order_count" INTEGER NOT NULL DEFAULT 0,
    "payment_count" INTEGER NOT NULL DEFAULT 0,
    "changed_at" TIMESTAMPTZ(3),

    CONSTRAINT "customer_heads_pkey" PRIMARY KEY ("generation","customer_id")
);

-- CreateTable
CREATE TABLE "entries" (
    "generation" INTEGER NOT NULL,
    "id" UUID NOT NULL,
    "customer_id" UUID NOT NULL,
    "listed_at" TIMESTAMPTZ(3),
    "parts" JSONB NOT NULL DEFAULT '{}',

    CONSTRAINT "entries_pkey" PRIMARY KEY ("generation","id")
);

-- CreateTable
CREATE TABLE "inbox_messages" (
    "consumer" TEXT NOT NULL,
    "message_id" UUID NOT NULL,
    "received_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "inbox_messages_pkey" PRIMARY KEY ("consumer","message_id")
);

-- CreateTable
CREATE TABLE "dead_letters" (
    "consumer" TEXT NOT NULL,
    "message_id" UUID NOT NULL,
    "channel" TEXT NOT NULL,
    "envelope" JSONB NOT NULL,
    "error" TEXT NOT NULL,
    "attempts" INTEGER NOT NULL,
    "failed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "redrive_requested_at" TIMESTAMPTZ(3),

    CONSTRAINT "dead_letters_pkey" PRIMARY KEY ("consumer","message_id")
);

-- CreateIndex
CREATE INDEX "entries_generation_customer_id_listed_at_id_idx" ON "entries"("generation", "customer_id", "listed_at" DESC, "id" DESC);

-- AddForeignKey
ALTER TABLE "source_progress" ADD CONSTRAINT "source_progress_generation_fkey" FOREIGN KEY ("generation") REFERENCES "generations"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- What follows is written by hand: what Prisma's schema language cannot say, and its diff does not look at.

-- There is never a second one that queries could read.
CREATE UNIQUE INDEX "generations_live_idx" ON "generations"("status") WHERE "status" = 'LIVE';

-- A segment is made of parts by name.
ALTER TABLE "entries" ADD CONSTRAINT "entries_parts_check" CHECK (jsonb_typeof("parts") = 'object');

-- What is held, by currency, after as much more or less of it; a currency of which nothing is held has no place.
CREATE FUNCTION "change_held"(held jsonb, part jsonb, sign integer) RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE
        WHEN part ->> 'currency' IS NULL THEN held
        WHEN sum.amount = 0 THEN held - (part ->> 'currency')
        ELSE held || jsonb_build_object(part ->> 'currency', sum.amount)
    END FROM (
        SELECT coalesce((held ->> (part ->> 'currency'))::bigint, 0) + sign * (part ->> 'amountMinor')::bigint AS amount
    ) AS sum;
$$;

-- Applies changes to the generation that is named, or to all: the one place where a version is compared.
-- A change: { customerId, entryId, part, version, value, changedAt, listedAt, counts, held: { currency, amountMinor } }.
-- Heads are locked in the order of customers, and what belongs to a customer is changed under its head's lock alone: so
-- transactions that touch the same customers wait for each other in turn. The generation is held against a swap.
-- Returns how many changes were newer than what was there, counted for each generation.
CREATE FUNCTION "apply_history_changes"(changes jsonb, only_generation integer) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    target integer;
    change jsonb;
    found_part jsonb;
    was_listed boolean;
    of_customer uuid;
    of_entry uuid;
    applied integer := 0;
BEGIN
    FOR target IN
        SELECT id FROM generations
        WHERE status <> 'RETIRED' AND (only_generation IS NULL OR id = only_generation)
        ORDER BY id FOR SHARE
    LOOP
        INSERT INTO customer_heads (generation, customer_id)
            SELECT DISTINCT target, (value ->> 'customerId')::uuid FROM jsonb_array_elements(changes) ORDER BY 2
            ON CONFLICT DO NOTHING;
        PERFORM FROM customer_heads
            WHERE generation = target
            AND customer_id IN (SELECT (value ->> 'customerId')::uuid FROM jsonb_array_elements(changes))
            ORDER BY customer_id FOR UPDATE;

        FOR change IN SELECT value FROM jsonb_array_elements(changes) LOOP
            of_customer := (change ->> 'customerId')::uuid;
            of_entry := (change ->> 'entryId')::uuid;

            IF of_entry IS NULL THEN
                UPDATE customer_heads SET
                    customer = change -> 'value',
                    version = (change ->> 'version')::integer,
                    changed_at = greatest(changed_at, (change ->> 'changedAt')::timestamptz)
                WHERE generation = target AND customer_id = of_customer
                AND version < (change ->> 'version')::integer;
                IF FOUND THEN applied := applied + 1; END IF;
                CONTINUE;
            END IF;

            INSERT INTO entries (generation, id, customer_id) VALUES (target, of_entry, of_customer) ON CONFLICT DO NOTHING;
            SELECT parts -> (change ->> 'part'), listed_at IS NOT NULL INTO found_part, was_listed
                FROM entries WHERE generation = target AND id = of_entry FOR UPDATE;
            CONTINUE WHEN (found_part ->> 'version')::integer >= (change ->> 'version')::integer;

            UPDATE entries SET
                parts = parts || jsonb_build_object(change ->> 'part', jsonb_build_object(
                    'version', change -> 'version', 'value', change -> 'value', 'held', change -> 'held')),
                listed_at = coalesce(listed_at, (change ->> 'listedAt')::timestamptz),
                customer_id = CASE WHEN listed_at IS NULL THEN of_customer ELSE customer_id END
            WHERE generation = target AND id = of_entry;
            UPDATE customer_heads SET
                held = change_held(change_held(held, found_part -> 'held', -1), change -> 'held', 1),
                entry_count = entry_count + (NOT was_listed AND change ->> 'listedAt' IS NOT NULL)::integer,
                order_count = order_count + (found_part IS NULL AND change ->> 'counts' IS NOT DISTINCT FROM 'orders')::integer,
                payment_count = payment_count + (found_part IS NULL AND change ->> 'counts' IS NOT DISTINCT FROM 'payments')::integer,
                changed_at = greatest(changed_at, (change ->> 'changedAt')::timestamptz)
            WHERE generation = target AND customer_id = of_customer;
            applied := applied + 1;
        END LOOP;
    END LOOP;
    RETURN applied;
END;
$$;
