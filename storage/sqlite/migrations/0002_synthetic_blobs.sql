-- A synthetic blob has neither file nor data: its bytes are computed from this tag and the size.
ALTER TABLE blobs ADD COLUMN synthetic INTEGER;

-- The message with which the job fails when it is due; NULL: it succeeds.
ALTER TABLE jobs ADD COLUMN failure TEXT;
