internal import Base
internal import CCurl

/// One attempt: a libcurl handle from its settings to its end.
///
/// Lives on one thread.
@safe final class Transfer {
  /// What a failed attempt calls for.
  enum Remedy { case none, resume, startOver }

  struct Failure {
    var fault: Fault
    var remedy = Remedy.none
  }

  let address: Address
  let limits: Download.Limits
  let handle: UnsafeMutableRawPointer
  let gate = PublicGate()
  private let file: PartialFile
  private let progress: (DownloadProgress) -> Bool
  /// What stood in the file when the attempt began.
  private let offset: Int
  private var begun = false
  private var total: Int?
  /// A refusal of our own, which libcurl only sees as a write that failed.
  private(set) var refusal: Fault?

  init(
    _ address: Address, limits: Download.Limits, file: PartialFile, progress: @escaping (DownloadProgress) -> Bool
  ) {
    _ = Curl.library
    guard let made = unsafe curl_easy_init() else { preconditionFailure("libcurl found no memory for a handle") }
    unsafe handle = made
    (self.address, self.limits, self.file, self.progress) = (address, limits, file, progress)
    offset = file.byteCount
  }

  deinit { unsafe curl_easy_cleanup(handle) }

  /// Blocks until the end; `nil` when all came.
  func run() -> Failure? {
    configure()
    // The callbacks run on this thread inside `curl_easy_perform`, so `self` outlives them without a retain.
    let me = unsafe Unmanaged.passUnretained(self).toOpaque()
    unsafe _ = ridley_curl_set_pointer(handle, CURLOPT_WRITEDATA, me)
    unsafe _ = ridley_curl_set_pointer(handle, CURLOPT_XFERINFODATA, me)
    unsafe _ = ridley_curl_set_writer(handle, takeBytes)
    unsafe _ = ridley_curl_set_meter(handle, meter)
    let code = unsafe curl_easy_perform(handle)
    if code == CURLE_OK, !begun { begin() }
    if let refusal { return Failure(fault: refusal) }
    return code == CURLE_OK ? nil : failure(code, status: status, resuming: offset > 0)
  }

  private func configure() {
    let redirects = address.scheme == "https" ? "https" : "http,https"
    var texts: [(CURLoption, String)] = [
      (CURLOPT_URL, address.whole), (CURLOPT_PROTOCOLS_STR, limits.reachesPrivate ? "http,https,file" : "http,https"),
      (CURLOPT_REDIR_PROTOCOLS_STR, redirects), (CURLOPT_USERAGENT, "ridley"),
    ]
    if !limits.reachesPrivate {
      texts.append((CURLOPT_NOPROXY, "*"))
      unsafe gate.attach(to: handle)
    }
    if offset > 0 { _ = unsafe ridley_curl_set_text(handle, CURLOPT_RANGE, "\(offset)-") }
    let numbers: [(CURLoption, Int)] = [
      (CURLOPT_FOLLOWLOCATION, 1), (CURLOPT_MAXREDIRS, 5), (CURLOPT_FAILONERROR, 1), (CURLOPT_NOSIGNAL, 1),
      (CURLOPT_SSL_VERIFYPEER, 1), (CURLOPT_SSL_VERIFYHOST, 2), (CURLOPT_NOPROGRESS, 0),
      (CURLOPT_CONNECTTIMEOUT, limits.connectSeconds),
      (CURLOPT_LOW_SPEED_LIMIT, limits.leastBytesPerSecond), (CURLOPT_LOW_SPEED_TIME, limits.stallSeconds),
      (CURLOPT_TIMEOUT, limits.totalSeconds ?? 0),
    ]
    unsafe Curl.set(texts, numbers, on: handle)
  }

  /// Status of the last answer, 0 where there are none (files).
  private var status: Int { unsafe Curl.status(of: handle) }

  /// The address that was asked last: the one that redirects led to.
  var effectiveAddress: Address {
    var text = unsafe UnsafeMutablePointer<CChar>?.none
    _ = unsafe ridley_curl_get_text(handle, CURLINFO_EFFECTIVE_URL, &text)
    return unsafe text.map { unsafe Address(String(cString: $0)) } ?? address
  }

  /// How long it took to connect, 0 where that was not done; and how long this attempt took.
  var connectSeconds: Double { time(CURLINFO_CONNECT_TIME_T) }
  var seconds: Double { time(CURLINFO_TOTAL_TIME_T) }

  private func time(_ info: CURLINFO) -> Double {
    var time: curl_off_t = 0
    _ = unsafe ridley_curl_get_large(handle, info, &time)
    return Double(time) / 1e6
  }

  /// Bytes that this attempt brought.
  var received: Int { max(0, file.byteCount - offset) }

  /// Decides at the first byte whether this is the rest that was asked for or everything, and whether it is too much.
  private func begin() {
    begun = true
    do throws(Fault) {
      if offset > 0, address.scheme != "file", status != 206 { try file.startOver() }
      var length: curl_off_t = -1
      _ = unsafe ridley_curl_get_large(handle, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length)
      if length >= 0 { total = file.byteCount + Int(length) }
      if let total { try refuseOver(total) }
    } catch { refusal = error }
  }

  /// Takes one block into the file; `false` ends the transfer.
  fileprivate func take(_ bytes: UnsafeRawBufferPointer) -> Bool {
    if !begun { begin() }
    guard refusal == nil else { return false }
    do throws(Fault) {
      try refuseOver(file.byteCount + bytes.count)
      unsafe try file.append(bytes.bytes)
    } catch { refusal = error }
    return refusal == nil
  }

  private func refuseOver(_ count: Int) throws(Fault) {
    guard count > limits.byteCount else { return }
    throw Fault(.tooLarge, "\(address.shown) is longer than the \(limits.byteCount) bytes expected: \(limits.wayOut)")
  }

  fileprivate func report() -> Bool { progress(DownloadProgress(received: file.byteCount, total: total)) }
}

/// Called by libcurl on the transfer's own thread for every block that came; less than all of it means "stop".
@c private func takeBytes(
  _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
  guard let context = unsafe context else { return 0 }
  let transfer = unsafe Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
  let block = unsafe UnsafeRawBufferPointer(start: bytes, count: size * count)
  return unsafe transfer.take(block) ? size * count : 0
}

/// Called by libcurl on the transfer's own thread, about once a second and more often while bytes come; not 0 means "stop".
@c private func meter(
  _ context: UnsafeMutableRawPointer?, _: curl_off_t, _: curl_off_t, _: curl_off_t, _: curl_off_t
) -> CInt {
  guard let context = unsafe context else { return 1 }
  return unsafe Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue().report() ? 0 : 1
}
