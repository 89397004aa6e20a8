internal import Base
internal import CFFmpeg

/// Which stream of a container is the sound, and with what it is decoded.
@safe struct SoundStream {
  let index: Int
  let stream: UnsafeMutablePointer<AVStream>
  let codec: UnsafePointer<AVCodec>

  /// The usual one of those that belong to the picture; `nil` where there is none.
  ///
  /// That is the first that is marked so and describes nothing for those who cannot see or hear, else the first.
  init?(in demuxer: borrowing Demuxer) throws(Fault) {
    let all = (0..<demuxer.streamCount).filter {
      unsafe demuxer.stream($0).pointee.codecpar.pointee.codec_type == AVMEDIA_TYPE_AUDIO
    }
    let near = Self.besidePicture(in: demuxer)
    let candidates = all.contains(where: near.contains) ? all.filter(near.contains) : all
    guard let index = candidates.first(where: { Self.isUsual(demuxer, $0) }) ?? candidates.first else { return nil }
    unsafe stream = demuxer.stream(index)
    self.index = index
    let parameters = unsafe stream.pointee.codecpar.pointee
    let name = unsafe AVError.name(avcodec_get_name(parameters.codec_id))
    guard Formats.sounds.contains(where: { $0.reader == name }),
      let codec = unsafe avcodec_find_decoder(parameters.codec_id)
    else {
      throw Fault(.unsupported, "the sound is coded as \(name), which is not supported: convert it, for example to AAC")
    }
    unsafe self.codec = codec
    try SoundLimits.admit(
      rate: unsafe Int(parameters.sample_rate), channels: unsafe Int(parameters.ch_layout.nb_channels),
      beforeDecoding: true)
  }

  private static func isUsual(_ demuxer: borrowing Demuxer, _ index: Int) -> Bool {
    let told = unsafe demuxer.stream(index).pointee.disposition
    return told & AV_DISPOSITION_DEFAULT != 0
      && told & (AV_DISPOSITION_COMMENT | AV_DISPOSITION_VISUAL_IMPAIRED | AV_DISPOSITION_HEARING_IMPAIRED) == 0
  }

  /// The streams of the first program that has a picture, where a container has programs.
  private static func besidePicture(in demuxer: borrowing Demuxer) -> Set<Int> {
    guard let picture = demuxer.firstPicture,
      let program = unsafe av_find_program_from_stream(demuxer.context, nil, Int32(picture))
    else { return [] }
    return unsafe Set((0..<Int(program.pointee.nb_stream_indexes)).map { unsafe Int(program.pointee.stream_index[$0]) })
  }

  /// Seconds that one step of its timestamps has.
  var tick: Double { unsafe Ratio(stream.pointee.time_base).value }
}

extension Demuxer {
  /// The first stream of pictures that is no cover.
  var firstPicture: Int? {
    (0..<streamCount).first {
      unsafe stream($0).pointee.codecpar.pointee.codec_type == AVMEDIA_TYPE_VIDEO
        && stream($0).pointee.disposition & AV_DISPOSITION_ATTACHED_PIC == 0
    }
  }
}

/// What sound may ask for before it is refused.
enum SoundLimits {
  static let rates = 1_000...768_000
  static let mostChannels = 64
  /// Samples of one packet, of each channel.
  static let mostInFrame = 1 << 21
  /// Seconds from the first sample to the last: more is no film but a mistake in its times.
  static let mostSeconds = 48 * 3600

  /// Before decoding nothing may be known yet.
  static func admit(rate: Int, channels: Int, beforeDecoding: Bool = false) throws(Fault) {
    if beforeDecoding, rate == 0 || channels == 0 { return }
    guard rates.contains(rate) else {
      throw Fault(
        .unsupported, "the sound has \(rate) samples a second; \(rates.lowerBound) to \(rates.upperBound) are read")
    }
    guard (1...mostChannels).contains(channels) else {
      throw Fault(.unsupported, "the sound has \(channels) channels; at most \(mostChannels) are read")
    }
  }
}
