internal import Base
internal import CFFmpeg

/// The libraries this room stands on.
public enum MediaLibraries {
  /// Names and versions: `FFmpeg 5.1.9-0+deb12u1, libyuv 1857`.
  public static let version: String = unsafe "FFmpeg \(String(cString: av_version_info())), libyuv \(Yuv.version)"

  /// Does what the libraries do once, before doors are closed.
  public static func prepare() { AVError.silenced }
}

/// FFmpeg's convention, a negative number for a failure, as a typed throw.
enum AVError {
  /// Passes `code` on, or throws what it means; `what` says what was being done.
  @discardableResult
  static func require(_ code: Int32, _ what: String) throws(Fault) -> Int32 {
    guard code < 0 else { return code }
    throw fault(code, what)
  }

  /// The same where only the file can be the cause, unless memory is.
  static func require(_ code: Int32, ofFile what: String) throws(Fault) {
    guard code < 0 else { return }
    guard code != ridley_av_no_memory else { throw fault(code, what) }
    throw Fault(.badInput, "cannot \(what): the data is broken", cause: text(code))
  }

  static func fault(_ code: Int32, _ what: String) -> Fault {
    let cause = text(code)
    switch code {
    case ridley_av_no_memory: return .noMemory(to: what, cause: cause)
    case ridley_av_no_space: return Fault(.exhausted, "the disk is full: cannot \(what)", cause: cause)
    case ridley_av_no_access: return Fault(.denied, "no permission to \(what)", cause: cause)
    case ridley_av_no_entry: return Fault(.notFound, "cannot \(what): there is no such file or folder", cause: cause)
    case ridley_av_invalid_data: return Fault(.badInput, "cannot \(what): the data is broken", cause: cause)
    default: return Fault(.unavailable, "cannot \(what)", cause: cause)
    }
  }

  /// The library's own words for an error number.
  static func text(_ code: Int32) -> String {
    var words = [CChar](repeating: 0, count: 128)
    _ = unsafe av_strerror(code, &words, words.count)
    return String(decoding: words.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// A C string of the library's, or the fallback where it has none.
  static func name(_ text: UnsafePointer<CChar>?, else fallback: String = "unknown") -> String {
    guard let text = unsafe text else { return fallback }
    return unsafe String(cString: text)
  }

  /// The libraries stay silent, because failures are told as faults; evaluated once, before the first call.
  static let silenced: Void = ridley_av_log_quietly()
}

extension Ratio {
  init(_ ratio: AVRational) { self.init(Int(ratio.num), Int(ratio.den)) }

  var c: AVRational {
    AVRational(num: Int32(clamping: numerator), den: Int32(clamping: denominator))
  }
}
