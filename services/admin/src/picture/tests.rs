use image::codecs::png::PngEncoder;
use image::{ExtendedColorType, GenericImageView as _, ImageBuffer, ImageEncoder as _, Rgba, RgbaImage};

use super::*;

/// Red at the left, blue at the right.
fn two_halves(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, _| if x < width / 2 { Rgb([220, 20, 20]) } else { Rgb([20, 20, 220]) })
}

fn noise(width: u32, height: u32) -> RgbImage {
    let mut state = 1_u32;
    RgbImage::from_fn(width, height, |_, _| {
        Rgb([0; 3].map(|_: u8| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state.to_be_bytes()[0]
        }))
    })
}

fn in_format(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn jpeg(picture: &RgbImage) -> Vec<u8> {
    in_format(&picture.clone().into(), ImageFormat::Jpeg)
}

fn decoded(bytes: &[u8]) -> DynamicImage {
    image::load_from_memory_with_format(bytes, ImageFormat::Jpeg).unwrap()
}

fn is_red(picture: &DynamicImage, x: u32, y: u32) -> bool {
    let [red, _, blue, _] = picture.get_pixel(x, y).0;
    red > 150 && blue < 100
}

/// A JPEG with what a camera writes beside the pixels: how it was held, and where.
fn of_a_camera(picture: &RgbImage, orientation: u8) -> Vec<u8> {
    let mut tiff = b"MM\0\x2a\0\0\0\x08\0\x02".to_vec();
    tiff.extend([0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0]);
    tiff.extend(b"\x88\x25\0\x04\0\0\0\x01\0\0\0\x26\0\0\0\0");
    tiff.extend(b"\0\x01\0\x01\0\x02\0\0\0\x02N\0\0\0\0\0\0\0 GPS-52.5200N 13.4050E of Ann");
    let mut exif = b"Exif\0\0".to_vec();
    exif.extend(tiff);
    let mut bytes = vec![0xff, 0xd8, 0xff, 0xe1];
    bytes.extend(u16::try_from(exif.len() + 2).unwrap().to_be_bytes());
    bytes.extend(exif);
    bytes.extend(b"\xff\xfe\0\x16<script>alert(1)</s");
    bytes.extend(&jpeg(picture)[2..]);
    bytes
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[test]
fn every_kind_becomes_a_small_jpeg_and_a_square() {
    let picture: DynamicImage = two_halves(1600, 800).into();
    for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP] {
        let made = read(&in_format(&picture, format)).unwrap();
        assert_eq!(decoded(&made.photo).dimensions(), (1200, 600), "{format:?}");
        let square = decoded(&made.thumbnail);
        assert_eq!(square.dimensions(), (192, 192));
        assert!(is_red(&square, 10, 96) && !is_red(&square, 180, 96), "the middle of the picture");
        assert!(made.photo.len() <= MOST_STORED && made.thumbnail.len() <= 20_000);
    }
    let small = read(&jpeg(&two_halves(50, 40))).unwrap();
    assert_eq!((decoded(&small.photo).dimensions(), decoded(&small.thumbnail).dimensions()), ((50, 40), (40, 40)));
    let one = read(&jpeg(&two_halves(1, 1))).unwrap();
    assert_eq!(decoded(&one.thumbnail).dimensions(), (1, 1));
}

#[test]
fn what_the_camera_wrote_beside_the_pixels_is_gone_and_the_picture_is_turned() {
    let sent = of_a_camera(&two_halves(400, 200), 6);
    assert!(holds(&sent, "GPS-52.5200N") && holds(&sent, "Exif"), "the test is no test");
    let made = read(&sent).unwrap();
    let photo = decoded(&made.photo);
    // Held to the right: what was left is above.
    assert_eq!(photo.dimensions(), (200, 400));
    assert!(is_red(&photo, 100, 20) && !is_red(&photo, 100, 380));
    for bytes in [&made.photo, &made.thumbnail] {
        for text in ["GPS", "Exif", "script", "Ann"] {
            assert!(!holds(bytes, text), "{text}");
        }
    }
    assert_eq!(decoded(&read(&of_a_camera(&two_halves(400, 200), 99)).unwrap().photo).dimensions(), (400, 200));
}

#[test]
fn noise_is_made_worse_and_smaller_until_it_fits() {
    let made = read(&jpeg(&noise(1300, 1300))).unwrap();
    assert!(made.photo.len() <= MOST_STORED, "{}", made.photo.len());
    assert!(decoded(&made.photo).width() >= 300);
}

#[test]
fn transparent_pixels_become_white() {
    let picture: DynamicImage = RgbaImage::from_pixel(30, 30, Rgba([0, 0, 0, 0])).into();
    let made = read(&in_format(&picture, ImageFormat::Png)).unwrap();
    assert!(decoded(&made.photo).get_pixel(15, 15).0[0] > 250);
    assert_eq!([blended(10, 255), blended(10, 0), blended(0, 128)], [10, 255, 127]);
    let deep: DynamicImage = ImageBuffer::from_pixel(30, 30, Rgba([u16::MAX, 0, 0, u16::MAX])).into();
    assert!(is_red(&decoded(&read(&in_format(&deep, ImageFormat::Png)).unwrap().photo), 15, 15));
}

/// The head of a PNG that says what a decoder would have to reserve.
fn head_of_a_png(width: u32, height: u32, depth: u8) -> Vec<u8> {
    let mut header = b"IHDR".to_vec();
    header.extend(width.to_be_bytes());
    header.extend(height.to_be_bytes());
    header.extend([depth, 6, 0, 0, 0]);
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\x0d".to_vec();
    bytes.extend(&header);
    bytes.extend(crc32(&header).to_be_bytes());
    bytes.extend(b"\0\0\0\x0cIDAT\x78\x9c\x63\0\0\0\x02\0\x01\0\0\0");
    bytes
}

fn crc32(bytes: &[u8]) -> u32 {
    let step = |sum: u32, byte: &u8| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| if sum & 1 == 1 { (sum >> 1) ^ 0xedb8_8320 } else { sum >> 1 })
    };
    !bytes.iter().fold(u32::MAX, step)
}

#[test]
fn too_many_pixels_are_refused_by_the_head_alone() {
    for (width, height, depth) in
        [(100_000, 100_000, 8), (12_001, 1, 8), (5_001, 5_000, 8), (5_000, 5_000, 16), (1, 2_000_000_000, 8)]
    {
        assert_eq!(read(&head_of_a_png(width, height, depth)), Err(NotTaken::TooManyPixels), "{width} x {height}");
    }
    assert_eq!(read(&head_of_a_png(20, 20, 8)), Err(NotTaken::Damaged), "one that fits is read, and has no pixels");
    // A JPEG of 65,535 by 65,535 in 700 bytes.
    let mut large = jpeg(&two_halves(16, 16));
    let frame = large.windows(2).position(|marker| marker == [0xff, 0xc0]).unwrap();
    large[frame + 5..frame + 9].copy_from_slice(&[0xff; 4]);
    assert_eq!(read(&large), Err(NotTaken::TooManyPixels));
}

#[test]
fn the_largest_photo_of_a_telephone_is_taken() {
    let mut bytes = Vec::new();
    let rows = vec![128_u8; 5712 * 4284 * 3];
    PngEncoder::new(&mut bytes).write_image(&rows, 5712, 4284, ExtendedColorType::Rgb8).unwrap();
    assert!(bytes.len() < MOST_BYTES);
    assert_eq!(decoded(&read(&bytes).unwrap().photo).dimensions(), (1200, 900));
}

#[test]
fn a_photo_that_was_cut_off_is_refused_and_not_filled_with_grey() {
    let whole = jpeg(&noise(200, 200));
    assert!(read(&whole).is_ok());
    for part in [2, 3, 20, whole.len() / 2, whole.len() - 1, whole.len() - 2] {
        assert_eq!(read(&whole[..part]).err(), Some(if part < 3 { NotTaken::OtherKind } else { NotTaken::Damaged }), "{part}");
    }
    // The end of a small picture inside the head is not the end.
    let mut with_preview = of_a_camera(&noise(200, 200), 1);
    let preview = jpeg(&two_halves(16, 16));
    let mut segment = vec![0xff, 0xe2];
    segment.extend(u16::try_from(preview.len() + 2).unwrap().to_be_bytes());
    segment.extend(&preview);
    with_preview.splice(2..2, segment);
    assert!(read(&with_preview).is_ok());
    assert_eq!(read(&with_preview[..with_preview.len() / 2]), Err(NotTaken::Damaged));
    for format in [ImageFormat::Png, ImageFormat::WebP] {
        let whole = in_format(&noise(200, 200).into(), format);
        assert_eq!(read(&whole[..whole.len() / 2]), Err(NotTaken::Damaged), "{format:?}");
    }
}

#[test]
fn what_is_behind_or_inside_a_picture_does_not_come_along() {
    let mut polyglot = jpeg(&two_halves(60, 60));
    polyglot.extend(b"<html><script>alert(document.cookie)</script></html>PK\x03\x04%PDF-1.4");
    let made = read(&polyglot).unwrap();
    assert!(!holds(&made.photo, "script") && !holds(&made.photo, "PDF") && !holds(&made.photo, "PK\x03\x04"));
}

#[test]
fn other_kinds_are_refused_whatever_they_are_called() {
    let svg: &[u8] = b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>";
    for bytes in [
        svg,
        b"GIF89a\x01\0\x01\0\0\0\0;",
        b"BM6\0\0\0",
        b"II*\0",
        b"%PDF-1.7",
        b"<?xml version=\"1.0\"?><svg/>",
        b"",
        b"\xff\xd8",
    ] {
        assert_eq!(read(bytes), Err(NotTaken::OtherKind));
    }
}

#[test]
fn of_a_moving_picture_the_first_one_is_taken() {
    // A still WebP, wrapped as the one frame of an animation.
    let still = in_format(&two_halves(64, 64).into(), ImageFormat::WebP);
    let frame_data = &still[12..];
    let mut body = b"WEBPVP8X\x0a\0\0\0\x02\0\0\0\x3f\0\0\x3f\0\0ANIM\x06\0\0\0\xff\xff\xff\xff\0\0".to_vec();
    let mut frame = vec![0, 0, 0, 0, 0, 0, 63, 0, 0, 63, 0, 0, 100, 0, 0, 0];
    frame.extend(frame_data);
    for _ in 0..2 {
        body.extend(b"ANMF");
        body.extend(u32::try_from(frame.len()).unwrap().to_le_bytes());
        body.extend(&frame);
    }
    let mut moving = b"RIFF".to_vec();
    moving.extend(u32::try_from(body.len()).unwrap().to_le_bytes());
    moving.extend(body);
    let made = read(&moving).unwrap();
    assert!(is_red(&decoded(&made.photo), 10, 32));
}

#[test]
fn no_bytes_make_it_panic() {
    let whole = of_a_camera(&noise(40, 40), 6);
    for at in 0..whole.len() {
        let mut bent = whole.clone();
        bent[at] ^= 0xff;
        let _ = read_unguarded(&bent);
    }
}
