//! A photo as somebody uploads it, and the two pictures that are made of it. Pure: bytes in, bytes out (ADR 0028).
//!
//! What is stored is never what was sent. The pixels are decoded, turned as the camera says, made smaller and written again as JPEG: no
//! place where it was taken, no name of an owner, no second file behind the picture comes along.

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use contract::problems::{self, Kind};
use image::codecs::jpeg::JpegEncoder;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, Rgb, RgbImage};
use messages::say;
use problem::Refusal;

/// 5 MB, the largest file that is read.
pub(crate) const MOST_BYTES: usize = 5 * 1024 * 1024;
/// More pixels than telephones write when nothing else is chosen (24 million).
const MOST_PIXELS: u64 = 25_000_000;
/// The longest side: a strip of 25 million pixels by one is no photo.
const MOST_SIDE: u32 = 12_000;
/// The most memory of the decoded pixels: `MOST_PIXELS` with four channels of one byte.
const MOST_MEMORY: u64 = 100_000_000;
/// The longest side of the photo as it is stored, in pixels.
const PHOTO_SIDE: u32 = 1200;
/// The side of the small square, in pixels: three times as many as the ballot shows, for fine screens.
const THUMBNAIL_SIDE: u32 = 192;
/// The most bytes of a stored picture.
const MOST_STORED: usize = 200_000;
/// Qualities that are tried one after the other until the picture is small enough.
const QUALITIES: [u8; 4] = [85, 75, 65, 50];

/// The two pictures that are stored, both JPEG of at most 200 kB.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pictures {
    /// At most 1,200 pixels a side.
    pub(crate) photo: Vec<u8>,
    /// A square of 192 pixels.
    pub(crate) thumbnail: Vec<u8>,
}

/// Why a file is not taken as a photo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotTaken {
    /// Its first bytes are those of no JPEG, PNG or WebP.
    OtherKind,
    /// Too many pixels, or a side that is too long.
    TooManyPixels,
    /// It begins as a picture and does not go on as one.
    Damaged,
}

messages::says!(NotTaken, |why| match why {
    NotTaken::OtherKind => say!(photo_other_kind),
    NotTaken::TooManyPixels => say!(photo_too_many_pixels),
    NotTaken::Damaged => say!(photo_damaged),
});

impl Refusal for NotTaken {
    fn kind(&self) -> Kind {
        match self {
            Self::OtherKind => problems::UNSUPPORTED_MEDIA,
            Self::TooManyPixels => problems::TOO_LARGE,
            Self::Damaged => problems::INVALID,
        }
    }
}

/// Makes the two pictures of a file. The limits are checked on what its head says, before a pixel is decoded.
pub(crate) fn read(bytes: &[u8]) -> Result<Pictures, NotTaken> {
    // A panic of the library changes nothing but its own values, and these are dropped.
    catch_unwind(AssertUnwindSafe(|| read_unguarded(bytes))).unwrap_or(Err(NotTaken::Damaged))
}

fn read_unguarded(bytes: &[u8]) -> Result<Pictures, NotTaken> {
    let format = format_of(bytes).ok_or(NotTaken::OtherKind)?;
    if format == ImageFormat::Jpeg && !is_whole_jpeg(bytes) {
        return Err(NotTaken::Damaged);
    }
    let damaged = |_| NotTaken::Damaged;
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    // For what is packed beside the pixels: a colour profile in a PNG can unpack to gigabytes.
    let mut limits = Limits::default();
    limits.max_alloc = Some(MOST_MEMORY);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(damaged)?;
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width).saturating_mul(u64::from(height));
    if width > MOST_SIDE || height > MOST_SIDE || pixels > MOST_PIXELS || decoder.total_bytes() > MOST_MEMORY {
        return Err(NotTaken::TooManyPixels);
    }
    // Pixels that have no orientation, or one that cannot be read, stand upright.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut picture = DynamicImage::from_decoder(decoder).map_err(damaged)?;
    // First smaller, so that turning and whitening cost little.
    if width > PHOTO_SIDE || height > PHOTO_SIDE {
        picture = picture.thumbnail(PHOTO_SIDE, PHOTO_SIDE);
    }
    picture.apply_orientation(orientation);
    let picture = on_white(picture);
    let thumbnail = square(&picture);
    Ok(Pictures { photo: written(picture)?, thumbnail: written(thumbnail)? })
}

/// The kind by the first bytes. A name and a content type say only what somebody claims.
fn format_of(bytes: &[u8]) -> Option<ImageFormat> {
    match bytes {
        [0xff, 0xd8, 0xff, ..] => Some(ImageFormat::Jpeg),
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(ImageFormat::Png),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(ImageFormat::WebP),
        _ => None,
    }
}

/// Whether a JPEG goes on to its end. The decoder fills what is missing with grey, so a photo that was cut off on its way would
/// stand half grey on the ballot.
fn is_whole_jpeg(bytes: &[u8]) -> bool {
    let mut at = 2_usize;
    loop {
        let next = at.saturating_add(1);
        at = match (bytes.get(at), bytes.get(next)) {
            (Some(0xff), Some(0xd9)) => return true,
            // Bytes that fill up before a marker.
            (Some(0xff), Some(0xff)) => next,
            // In the pixels 0xff is followed by 0, and there are marks to begin again at. They have no length.
            (Some(0xff), Some(0x00 | 0x01 | 0xd0..=0xd8)) => next.saturating_add(1),
            (Some(0xff), Some(_)) => {
                let length = bytes.get(next.saturating_add(1)..next.saturating_add(3));
                let Some(length) = length.and_then(|length| <[u8; 2]>::try_from(length).ok()) else { return false };
                next.saturating_add(1).saturating_add(usize::from(u16::from_be_bytes(length)).max(2))
            }
            (Some(_), Some(_)) => next,
            _ => return false,
        };
    }
}

/// JPEG knows no transparency; what is transparent becomes white, as paper.
fn on_white(picture: DynamicImage) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.into_rgb8();
    }
    let picture = picture.into_rgba8();
    RgbImage::from_fn(picture.width(), picture.height(), |x, y| {
        let [red, green, blue, opacity] = picture.get_pixel(x, y).0;
        Rgb([red, green, blue].map(|part| blended(part, opacity)))
    })
}

fn blended(part: u8, opacity: u8) -> u8 {
    let (part, opacity) = (u16::from(part), u16::from(opacity));
    let sum = part.saturating_mul(opacity).saturating_add(255_u16.saturating_mul(255_u16.saturating_sub(opacity)));
    u8::try_from(sum.checked_div(255).unwrap_or(255)).unwrap_or(255)
}

/// The largest square in the middle; of an upright picture the one a quarter from the top, where faces are.
fn square(picture: &RgbImage) -> RgbImage {
    let (width, height) = picture.dimensions();
    let side = width.min(height);
    let (left, top) = (width.saturating_sub(side) / 2, height.saturating_sub(side) / 4);
    let cut = image::imageops::crop_imm(picture, left, top, side, side).to_image();
    if side > THUMBNAIL_SIDE { image::imageops::thumbnail(&cut, THUMBNAIL_SIDE, THUMBNAIL_SIDE) } else { cut }
}

/// The picture as JPEG, worse or smaller until it has at most 200 kB.
fn written(mut picture: RgbImage) -> Result<Vec<u8>, NotTaken> {
    loop {
        for quality in QUALITIES {
            let mut bytes = Vec::new();
            JpegEncoder::new_with_quality(&mut bytes, quality).encode_image(&picture).map_err(|_| NotTaken::Damaged)?;
            if bytes.len() <= MOST_STORED {
                return Ok(bytes);
            }
        }
        let (width, height) = picture.dimensions();
        let smaller = |side: u32| (side / 4 * 3).max(1);
        picture = image::imageops::thumbnail(&picture, smaller(width), smaller(height));
    }
}

#[cfg(test)]
mod tests;
