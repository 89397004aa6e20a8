internal import Base
internal import CFFmpeg

/// Which stream of a container is the picture, and with what it is decoded.
@safe struct VideoStream {
  let index: Int
  let stream: UnsafeMutablePointer<AVStream>
  let codec: UnsafePointer<AVCodec>

  /// The best video stream that is not an attached picture (cover art).
  init(in demuxer: borrowing Demuxer) throws(Fault) {
    let index = try VideoStream.choose(demuxer)
    unsafe stream = demuxer.stream(index)
    let id = unsafe stream.pointee.codecpar.pointee.codec_id
    let name = unsafe AVError.name(avcodec_get_name(id))
    guard Formats.codecs.contains(where: { $0.reader == name }), let codec = unsafe avcodec_find_decoder(id) else {
      throw Fault(
        .unsupported, "the video is coded as \(name), which is not supported: convert it, for example to H.264")
    }
    unsafe self.codec = codec
    self.index = index
  }

  var codedSize: Size {
    let codec = unsafe stream.pointee.codecpar
    return unsafe Size(width: Int(codec!.pointee.width), height: Int(codec!.pointee.height))
  }

  private static func choose(_ demuxer: borrowing Demuxer) throws(Fault) -> Int {
    var candidates: [Int] = []
    var hasAudio = false
    for index in 0..<demuxer.streamCount {
      let stream = unsafe demuxer.stream(index)
      let kind = unsafe stream.pointee.codecpar.pointee.codec_type
      hasAudio = hasAudio || kind == AVMEDIA_TYPE_AUDIO
      let attached = unsafe stream.pointee.disposition & AV_DISPOSITION_ATTACHED_PIC != 0
      if kind == AVMEDIA_TYPE_VIDEO, !attached { candidates.append(index) }
    }
    let best = unsafe Int(av_find_best_stream(demuxer.context, AVMEDIA_TYPE_VIDEO, -1, -1, nil, 0))
    if candidates.contains(best) { return best }
    if let first = candidates.first { return first }
    throw hasAudio
      ? Fault(.badInput, "the file holds sound but no video: choose a file with a picture")
      : Fault(.badInput, "the file holds no video: choose a video or a picture")
  }
}
