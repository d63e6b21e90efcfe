-- For the list of what will happen: when a first inventory can be retrieved, and when an open upload is dropped.
CREATE INDEX vaults_by_first_inventory ON vaults (inventory_first_at) WHERE inventory_first_at IS NOT NULL;
CREATE INDEX open_uploads_by_due ON uploads (due_at) WHERE state = 0;
