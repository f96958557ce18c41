-- The plain Django peer's tables.
CREATE TABLE plain_case (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, state text NOT NULL,
  created timestamptz NOT NULL DEFAULT now());
CREATE TABLE plain_item (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  case_id bigint NOT NULL REFERENCES plain_case, item int NOT NULL, state text NOT NULL,
  UNIQUE (case_id, item));
CREATE TABLE plain_history (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  case_id bigint NOT NULL REFERENCES plain_case, item int NOT NULL, action text NOT NULL,
  at timestamptz NOT NULL DEFAULT now());
CREATE INDEX ON plain_history (case_id);
