internal import Base
internal import COpenVINO

/// What OpenVINO answered to a call that failed, in its own words.
struct EngineError: Error {
  let call: StaticString
  let status: Int32
  let words: String
}

/// Turns the library's status into a typed throw that names the call.
func check(_ call: StaticString, _ status: ov_status_e) throws(EngineError) {
  guard status != OK else { return }
  // The last message is kept per thread and is empty for plain status codes.
  var words = unsafe ov_get_last_err_msg().map { unsafe String(cString: $0) } ?? ""
  if words.isEmpty { words = unsafe ov_get_error_info(status).map { unsafe String(cString: $0) } ?? "" }
  throw EngineError(call: call, status: status.rawValue, words: words)
}

extension EngineError {
  /// For calls that cannot fail on valid input: whoever sees this found a mistake of ours.
  var asBug: Fault { Fault(.bug, "the inference engine refused \(call)", cause: words) }
}
