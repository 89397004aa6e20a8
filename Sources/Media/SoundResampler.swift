internal import Base
internal import CFFmpeg

/// Makes one channel of 16,000 samples a second of whatever was decoded: one owner, freed when it goes away.
///
/// Its first sample is heard when the first that it was given is. Channels are mixed as FFmpeg does by default, scaled so that no mix is louder than full
/// scale; those of an arrangement that it does not know count the same.
@safe final class SoundResampler {
  private let context: OpaquePointer
  private let kind: Kind

  /// What it was made for.
  struct Kind: Equatable {
    let rate: Int
    let format: Int32
    let channels: Int
    let mask: UInt64

    init(_ sound: DecodedSound) {
      (rate, format, channels) = (sound.rate, sound.format.rawValue, sound.channels)
      mask = unsafe sound.layout.pointee.order == AV_CHANNEL_ORDER_NATIVE ? sound.layout.pointee.u.mask : 0
    }
  }

  init(for sound: DecodedSound) throws(Fault) {
    kind = Kind(sound)
    guard let context = unsafe Self.make(sound, mixesAlike: kind.mask == 0) ?? Self.make(sound, mixesAlike: true) else {
      throw Fault(
        .unsupported, "sound of \(kind.channels) channels with \(kind.rate) samples a second cannot be converted")
    }
    unsafe self.context = context
  }

  deinit {
    var context: OpaquePointer? = unsafe context
    unsafe swr_free(&context)
  }

  func fits(_ sound: DecodedSound) -> Bool { Kind(sound) == kind }

  private static func make(_ sound: DecodedSound, mixesAlike: Bool) -> OpaquePointer? {
    var (context, mono, given) = unsafe (OpaquePointer?.none, AVChannelLayout(), AVChannelLayout())
    unsafe av_channel_layout_default(&mono, 1)
    if mixesAlike {
      unsafe av_channel_layout_default(&given, Int32(sound.channels))
    } else {
      guard unsafe av_channel_layout_copy(&given, sound.layout) >= 0 else { return nil }
    }
    defer { unsafe av_channel_layout_uninit(&given) }
    let code = unsafe swr_alloc_set_opts2(
      &context, &mono, AV_SAMPLE_FMT_FLTP, Int32(SoundReader.rate), &given, sound.format, Int32(sound.rate), 0, nil)
    guard code >= 0, let made = unsafe context else { return nil }
    unsafe av_opt_set_double(UnsafeMutableRawPointer(made), "rematrix_maxval", 1, 0)
    var isGood = true
    if mixesAlike, sound.channels > 1 {
      let weights = [Double](repeating: 1 / Double(sound.channels), count: sound.channels)
      isGood = unsafe swr_set_matrix(made, weights, Int32(sound.channels)) >= 0
    }
    guard isGood, unsafe swr_init(made) >= 0 else {
      unsafe swr_free(&context)
      return nil
    }
    return unsafe made
  }

  /// Takes what was decoded, behind its first `skipped` samples, and gives what that makes ready.
  func push(_ sound: DecodedSound, skipping skipped: Int) throws(Fault) -> [Float] {
    var planes = unsafe sound.planes(skipping: skipped)
    guard unsafe !planes.contains(nil) else { return [] }
    let count = sound.count - skipped
    return try unsafe planes.withUnsafeMutableBufferPointer { (planes) throws(Fault) in
      try unsafe convert(planes.baseAddress, count)
    }
  }

  /// What is left at the end; it takes nothing afterwards.
  func drain() throws(Fault) -> [Float] {
    var all: [Float] = []
    while true {
      let part = unsafe try convert(nil, 0)
      if part.isEmpty { return all }
      all += part
    }
  }

  private func convert(_ planes: UnsafeMutablePointer<UnsafePointer<UInt8>?>?, _ count: Int) throws(Fault) -> [Float] {
    let room = max(64, Int(unsafe swr_get_out_samples(context, Int32(count))))
    var code: Int32 = 0
    let samples = unsafe [Float](unsafeUninitializedCapacity: room) { buffer, filled in
      unsafe buffer.withMemoryRebound(to: UInt8.self) { bytes in
        var out = bytes.baseAddress
        unsafe code = swr_convert(context, &out, Int32(room), planes, Int32(count))
      }
      filled = Int(max(0, code))
    }
    guard code >= 0 else { throw AVError.fault(code, "convert this sound") }
    return samples
  }
}
