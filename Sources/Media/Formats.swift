internal import Base

/// Which files are read: containers and pictures, and the codecs in them.
///
/// It is the table of docs/formats.md, as a test makes sure. FFmpeg knows some 300 kinds, most of them seldom used and seldom looked at but by attackers. What is not listed here is refused
/// by its name, before anything but its first bytes was looked at.
public enum Formats {
  /// A kind of file or a codec, and FFmpeg's own name of what reads it.
  public struct Kind: Sendable, Hashable {
    public let name: String
    public let reader: String

    init(_ name: String, _ reader: String) { (self.name, self.reader) = (name, reader) }
  }

  public static let films = [
    Kind("MP4, QuickTime, 3GP, AVIF sequences", "mov"), Kind("Matroska, WebM", "matroska"),
    Kind("MPEG transport stream", "mpegts"), Kind("MPEG program stream", "mpeg"), Kind("AVI", "avi"),
    Kind("Flash Video", "flv"), Kind("Ogg", "ogg"), Kind("MXF", "mxf"), Kind("ASF (Windows Media)", "asf"),
    Kind("NUT", "nut"), Kind("IVF", "ivf"), Kind("YUV4MPEG2", "yuv4mpegpipe"), Kind("animated GIF", "gif"),
    Kind("animated PNG", "apng"), Kind("plain H.264 stream", "h264"), Kind("plain H.265 stream", "hevc"),
    Kind("plain MPEG-1 or MPEG-2 stream", "mpegvideo"), Kind("plain MPEG-4 Part 2 stream", "m4v"),
    Kind("Motion JPEG stream, by its ending .mjpeg or .mjpg", "mjpeg"),
  ]

  public static let pictures = [
    Kind("JPEG", "jpeg_pipe"), Kind("PNG", "png_pipe"), Kind("WebP, not animated", "webp_pipe"),
    Kind("BMP", "bmp_pipe"), Kind("GIF", "gif"),
    Kind("TIFF in strips, the first page: gray, RGB, CMYK, palette; not JPEG or YCbCr inside", "tiff_pipe"),
    Kind("AVIF, not in tiles", "mov"),
  ]

  public static let codecs = [
    Kind("H.264", "h264"), Kind("H.265", "hevc"), Kind("AV1", "av1"), Kind("VP8", "vp8"), Kind("VP9", "vp9"),
    Kind("MPEG-1", "mpeg1video"), Kind("MPEG-2", "mpeg2video"), Kind("MPEG-4 Part 2", "mpeg4"),
    Kind("Microsoft MPEG-4", "msmpeg4v2"), Kind("DivX 3", "msmpeg4v3"), Kind("H.263", "h263"),
    Kind("Sorenson Spark", "flv1"), Kind("Windows Media Video 7", "wmv1"), Kind("Windows Media Video 8", "wmv2"),
    Kind("Windows Media Video 9", "wmv3"), Kind("VC-1", "vc1"), Kind("Theora", "theora"), Kind("Motion JPEG", "mjpeg"),
    Kind("ProRes", "prores"), Kind("DNxHD", "dnxhd"), Kind("DV", "dvvideo"), Kind("FFV1", "ffv1"),
    Kind("uncompressed", "rawvideo"), Kind("GIF", "gif"), Kind("APNG", "apng"), Kind("PNG", "png"),
    Kind("WebP", "webp"), Kind("BMP", "bmp"), Kind("TIFF", "tiff"),
  ]

  /// Beside films: files of sound alone, where sound is asked for.
  public static let soundFiles = [
    Kind("WAV", "wav"), Kind("Wave64", "w64"), Kind("AIFF", "aiff"), Kind("CAF", "caf"), Kind("Sun audio", "au"),
    Kind("MP3, MP2", "mp3"), Kind("AAC in ADTS", "aac"), Kind("AC-3", "ac3"), Kind("E-AC-3", "eac3"),
    Kind("FLAC", "flac"), Kind("AMR", "amr"),
  ]

  /// Of sound.
  public static let sounds = [
    Kind("AAC", "aac"), Kind("AAC in LATM", "aac_latm"), Kind("MP3", "mp3"), Kind("MP2", "mp2"), Kind("MP1", "mp1"),
    Kind("AC-3", "ac3"), Kind("E-AC-3", "eac3"), Kind("Opus", "opus"), Kind("Vorbis", "vorbis"), Kind("FLAC", "flac"),
    Kind("Apple Lossless", "alac"), Kind("Windows Media Audio 1", "wmav1"), Kind("Windows Media Audio 2", "wmav2"),
    Kind("AMR narrow band", "amr_nb"), Kind("AMR wide band", "amr_wb"), Kind("Microsoft ADPCM", "adpcm_ms"),
    Kind("IMA ADPCM in WAV", "adpcm_ima_wav"), Kind("IMA ADPCM in QuickTime", "adpcm_ima_qt"),
    Kind("ADPCM in Flash", "adpcm_swf"), Kind("G.711 A-law", "pcm_alaw"), Kind("G.711 µ-law", "pcm_mulaw"),
    Kind("PCM, 8 bits", "pcm_u8"), Kind("PCM, 8 bits, signed", "pcm_s8"), Kind("PCM, 16 bits", "pcm_s16le"),
    Kind("PCM, 16 bits, big endian", "pcm_s16be"), Kind("PCM, 24 bits", "pcm_s24le"),
    Kind("PCM, 24 bits, big endian", "pcm_s24be"), Kind("PCM, 32 bits", "pcm_s32le"),
    Kind("PCM, 32 bits, big endian", "pcm_s32be"), Kind("PCM, floating", "pcm_f32le"),
    Kind("PCM, floating, big endian", "pcm_f32be"), Kind("PCM, 64 bits floating", "pcm_f64le"),
    Kind("PCM, 64 bits floating, big endian", "pcm_f64be"), Kind("PCM on DVD", "pcm_dvd"),
    Kind("PCM on Blu-ray", "pcm_bluray"),
  ]

  /// Refuses a kind of file that is not listed; `longName` is FFmpeg's description of it.
  static func admit(_ demuxer: String, longName: String, for purpose: Demuxer.Purpose = .pictures) throws(Fault) {
    let names = demuxer.split(separator: ",").map(String.init)
    if purpose == .sound, soundFiles.contains(where: { names.contains($0.reader) }) { return }
    guard !(films + pictures).contains(where: { names.contains($0.reader) }) else { return }
    if names.contains(where: lists.contains) {
      throw refusalOfList
    }
    if names.contains(where: otherSounds.contains) {
      if purpose == .sound { throw refusal(of: "sound files of the kind \(longName)") }
      throw Fault(.badInput, "this is a sound file (\(longName)) and holds no video: choose a file with a picture")
    }
    throw refusal(of: name(demuxer, longName))
  }

  static let refusalOfList = Fault(
    .badInput, "this is a list that points to other files, which are not opened: name the media file itself")

  /// `kind` begins the sentence: `SVG pictures`.
  static func refusal(of kind: String) -> Fault {
    Fault(.unsupported, "\(kind) are not supported: convert the file, for example to JPEG, PNG or MP4")
  }

  private static func name(_ demuxer: String, _ longName: String) -> String {
    if demuxer == "fits" { return "FITS pictures" }
    guard demuxer.hasSuffix("_pipe") else { return "files of the kind \(longName)" }
    let short = String(demuxer.dropLast("_pipe".count))
    return (properNames[short] ?? short.uppercased()) + " pictures"
  }

  private static let properNames = [
    "exr": "OpenEXR", "j2k": "JPEG 2000", "jpegls": "JPEG-LS", "jpegxl": "JPEG XL", "pam": "PNM (PAM)",
    "pbm": "PNM (PBM)",
    "pgm": "PNM (PGM)", "ppm": "PNM (PPM)", "pfm": "PNM (PFM)", "phm": "PNM (PHM)", "photocd": "Photo CD",
    "psd": "Photoshop (PSD)", "qdraw": "QuickDraw", "sunrast": "Sun raster",
  ]

  /// Their content is the names of other files, or a program.
  private static let lists: Set = [
    "hls", "applehttp", "concat", "dash", "sdp", "rtsp", "imf", "image2", "lavfi", "tty", "ffmetadata",
    "webm_dash_manifest",
  ]

  /// Where pictures are asked for, in whatever file.
  private static let otherSounds: Set = [
    "aac", "ac3", "aiff", "amr", "amrnb", "amrwb", "ape", "au", "caf", "dsf", "dts", "dtshd", "eac3", "flac", "g722",
    "iff", "ircam", "loas", "mp3", "mpc", "mpc8", "oma", "sox", "tak", "truehd", "tta", "voc", "w64", "wav", "wv",
    "xwma",
  ]
}
