-- The installation's signature over what was found in the box. The results service has no key to open a ballot again: this
-- is how it notices that a plaintext was exchanged after the count.
ALTER TABLE elections ADD COLUMN opened_signature bytea
    CONSTRAINT elections_opened_signature_width CHECK (octet_length(opened_signature) = 64);
