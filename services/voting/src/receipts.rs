//! Receipts: making them, and `GET /api/voting/receipts/{code or digest}`, which anybody may ask and which never says a choice.

use actix_web::web::{Data, Path};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use contract::problems::Notice;
use contract::voting::{Receipt, ReceiptState, VoteRecorded};
use crypto::Digest;
use crypto::receipt::{self, ReceiptKey};
use database::DatabaseError;
use diesel::{ExpressionMethods as _, OptionalExtension as _, QueryDsl as _};
use diesel_async::RunQueryDsl as _;
use messages::say;
use problem::{Json, Problem};

use crate::Voting;
use crate::schema::{FindReceipt, elections};

/// The answer to a ballot that is in the box. A repeat has the same digest and code, but a signature of its own
/// (docs/protocol.md, section 8).
pub(crate) fn recorded(key: &ReceiptKey, election_id: i64, digest: &Digest) -> Result<VoteRecorded, Problem> {
    let signature = receipt::sign(key, election_id, digest).map_err(|cause| Problem::internal("sign a receipt", &cause))?;
    let receipt_code = receipt::receipt_code(digest);
    let Notice { message, code, params } = say!(vote_recorded).into();
    let digest = digest.to_hex();
    Ok(VoteRecorded {
        success: true,
        message,
        code,
        params,
        vote_hash: digest.clone(),
        receipt_code: receipt_code.clone(),
        receipt: Receipt { receipt_code, digest, election_id, signature: STANDARD.encode(signature) },
    })
}

/// The digests that a code or a digest in hex can mean, from the lowest to the highest.
fn range(text: &str) -> Result<(Vec<u8>, Vec<u8>), Problem> {
    if let Ok(digest) = Digest::from_hex(text.trim()) {
        return Ok((digest.as_bytes().to_vec(), digest.as_bytes().to_vec()));
    }
    let start = receipt::parse_receipt_code(text).map_err(|_| Problem::field("receipt", say!(receipt_malformed)))?;
    Ok(([start.as_slice(), &[0x00; 22]].concat(), [start.as_slice(), &[0xff; 22]].concat()))
}

/// Whether a ballot is in the box, and whether the box is sealed and its result published (`on_board`), by its receipt code or its vote hash.
#[utoipa::path(
    get, path = "/api/voting/receipts/{receipt}", tag = "public", security(()),
    params(("receipt" = String, Path, description = "A receipt code as people type it, or the vote hash", example = "VOTE-3KQ7-ZX0M-9T2C-AB5D")),
    responses(
        (status = 200, description = "Recorded or not, and whether the box is sealed and the result published", body = ReceiptState),
        (status = 422, description = "Neither a receipt code nor a vote hash"),
    )
)]
pub(crate) async fn receipt_state(voting: Data<Voting>, text: Path<String>) -> Result<Json<ReceiptState>, Problem> {
    let (low, high) = range(&text)?;
    let mut connection = voting.database.connection().await?;
    let found = FindReceipt { low, high }.get_result::<(i64, Vec<u8>, bool)>(&mut *connection).await.optional();
    let Some((election_id, digest, sealed_box)) = found.map_err(DatabaseError::from)? else {
        return Ok(Json(ReceiptState { recorded: false, on_board: false, election_id: None, receipt_code: None }));
    };
    let published = elections::table.find(election_id).select(elections::results_published_at.is_not_null());
    let published = published.get_result::<bool>(&mut *connection).await.map_err(DatabaseError::from)?;
    let digest = Digest::from_slice(&digest).map_err(|cause| Problem::internal("read a digest", &cause))?;
    let receipt_code = Some(receipt::receipt_code(&digest));
    Ok(Json(ReceiptState { recorded: true, on_board: sealed_box && published, election_id: Some(election_id), receipt_code }))
}
