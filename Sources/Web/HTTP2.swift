internal import CNGHTTP2

/// HTTP/2 on one connection: nghttp2 keeps the protocol, this gives requests to the handler and answers to nghttp2.
@safe final class HTTP2: ProtocolSession {
  /// What every client sends first (RFC 9113, 3.4).
  static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

  unowned let connection: Connection
  private let session: OpaquePointer
  var streams: [Int32: HTTP2Stream] = [:]
  /// Streams whose answers are made bit by bit.
  var flowing = 0
  /// nghttp2 is at work, and must not be asked for what it sends.
  private var isBusy = false
  private(set) var isEnding = false
  private var hasServed = false
  private var resets = 0
  private var resetsSince: UInt64 = 0
  // For deadlines: what came and went since they were last looked at.
  var bytesIn = 0
  var bytesOut = 0
  private var lookedAt: UInt64 = 0
  /// The client has sent something since the last deadline.
  private var wasHeard = false
  private var lastBytesIn = 0
  private var stretch = (began: UInt64(0), bytesOut: 0)

  init(_ connection: Connection) {
    self.connection = connection
    var options: OpaquePointer?
    unsafe nghttp2_option_new(&options)
    unsafe nghttp2_option_set_no_auto_window_update(options, 1)
    var made: OpaquePointer?
    let callbacks = unsafe HTTP2Callbacks.all
    unsafe nghttp2_session_server_new2(&made, callbacks, nil, options)
    unsafe nghttp2_option_del(options)
    guard let made = unsafe made else { preconditionFailure("nghttp2 has no memory for a session") }
    unsafe session = made
    unsafe nghttp2_session_set_user_data(made, Unmanaged.passUnretained(self).toOpaque())
    let limits = connection.loop.limits
    var settings = [
      (NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, limits.streams),
      (NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, limits.streamWindow),
      (NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, limits.headBytes), (NGHTTP2_SETTINGS_MAX_FRAME_SIZE, 64 << 10),
    ].map { nghttp2_settings_entry(settings_id: Int32($0.0.rawValue), value: UInt32(clamping: $0.1)) }
    unsafe nghttp2_submit_settings(made, flag, &settings, settings.count)
    unsafe nghttp2_session_set_local_window_size(made, flag, 0, Int32(clamping: limits.connectionWindow))
  }

  deinit { unsafe nghttp2_session_del(session) }

  private let flag = UInt8(NGHTTP2_FLAG_NONE.rawValue)
  var loop: Loop { connection.loop }
  var room: UnsafeMutableRawBufferPointer? { nil }
  func filled(_ count: Int) {}
  var appetite: Int { 64 << 10 }
  var isOwing: Bool { streams.values.contains { !$0.isOpen && $0.answeredAt == nil } }

  // MARK: bytes in and out

  func receive(_ bytes: UnsafeRawBufferPointer) -> Int {
    (isBusy, wasHeard) = (true, true)
    let taken = unsafe nghttp2_session_mem_recv(
      session, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count)
    isBusy = false
    if taken < 0 { connection.breakOff() } else { pump() }
    return bytes.count
  }

  /// Gives nghttp2's frames to the connection, for as long as it does not hold too many.
  func pump() {
    guard !isBusy, !connection.isBroken, !connection.isClosed else { return }
    isBusy = true
    var buffer: [UInt8] = []
    swap(&buffer, &loop.scratch)  // what is called from inside may need a scratch too
    while connection.unsent < Flow.most {
      buffer.removeAll(keepingCapacity: true)
      while buffer.count < 64 << 10 {
        var start: UnsafePointer<UInt8>?
        let count = unsafe nghttp2_session_mem_send(session, &start)
        if count < 0 { connection.breakOff() }
        guard count > 0 else { break }
        unsafe buffer.append(contentsOf: UnsafeBufferPointer(start: start, count: count))
      }
      if buffer.isEmpty { break }
      connection.send(buffer)
    }
    buffer.removeAll(keepingCapacity: true)
    swap(&buffer, &loop.scratch)
    isBusy = false
    report()
    rest()
  }

  /// Lets those go on who wait for room in their streams.
  private func report() {
    guard flowing > 0 else { return }
    for stream in streams.values { stream.flow?.report(unsent: connection.unsent) }
  }

  /// Looks whether this was all.
  private func rest() {
    let isOver = unsafe nghttp2_session_want_read(session) == 0 && nghttp2_session_want_write(session) == 0
    if isOver || isEnding && streams.isEmpty && !connection.hasUnsent { connection.finish() }
  }

  func flushed() { pump() }

  // MARK: what the streams ask of nghttp2

  /// The client may send as much again.
  func consume(_ stream: HTTP2Stream, _ count: Int) { unsafe nghttp2_session_consume(session, stream.number, count) }

  /// The same for the stream's own window alone.
  func consumeStream(_ stream: HTTP2Stream, _ count: Int) {
    unsafe nghttp2_session_consume_stream(session, stream.number, count)
  }

  /// The client may send as much again, but not on this stream.
  func discard(_ count: Int) { unsafe nghttp2_session_consume_connection(session, count) }

  func reset(_ number: Int32, _ code: nghttp2_error_code) {
    unsafe nghttp2_submit_rst_stream(session, flag, number, code.rawValue)
  }

  /// Begins an answer; its data are read from the stream later.
  func submit(_ stream: HTTP2Stream, _ headers: HTTP2Headers, hasData: Bool) {
    var source = unsafe nghttp2_data_provider()
    unsafe source.read_callback = HTTP2Callbacks.read
    unsafe withUnsafePointer(to: &source) { source in
      unsafe headers.lend { names, count in
        unsafe nghttp2_submit_response(session, stream.number, names, count, hasData ? source : nil)
      }
    }
  }

  /// What goes out behind the body, where there is something.
  func submitTrailers(_ stream: HTTP2Stream) -> Bool {
    guard !stream.trailers.isEmpty else { return false }
    unsafe HTTP2Headers(stream.trailers).lend { names, count in
      unsafe nghttp2_submit_trailer(session, stream.number, names, count)
    }
    return true
  }

  func goOn(_ stream: HTTP2Stream) {
    unsafe HTTP2Headers([(":status", "100")]).lend { names, count in
      unsafe nghttp2_submit_headers(session, flag, stream.number, nil, names, count, nil)
    }
  }

  /// There are data again.
  func resume(_ stream: HTTP2Stream) {
    guard stream.isDeferred else { return }
    stream.isDeferred = false
    unsafe nghttp2_session_resume_data(session, stream.number)
  }

  // MARK: deadlines and ends

  /// A client that resets one stream after the other, or has them reset, makes much work for little (CVE-2023-44487,
  /// CVE-2025-8671).
  func countReset() {
    if loop.now - resetsSince > UInt64(loop.limits.resetSeconds * 1e9) { (resets, resetsSince) = (0, loop.now) }
    resets += 1
    if resets > loop.limits.resets { goAway(NGHTTP2_ENHANCE_YOUR_CALM) }
  }

  private func goAway(_ code: nghttp2_error_code) { unsafe nghttp2_session_terminate_session(session, code.rawValue) }

  /// Called when the first stream opens and when the last one ends.
  func watch() {
    (lookedAt, lastBytesIn, stretch) = (loop.now, bytesIn, (loop.now, bytesOut))
    connection.arm(streams.isEmpty ? loop.limits.idleSeconds : loop.limits.uploadSeconds)
  }

  func expired() {
    guard !streams.isEmpty else {
      goAway(NGHTTP2_NO_ERROR)
      return pump()
    }
    resetAnswered(before: loop.now - min(loop.now, UInt64(loop.limits.uploadSeconds * 1e9)))
    guard comeFastEnough(), goFastEnough() else {
      goAway(NGHTTP2_ENHANCE_YOUR_CALM)
      return pump()
    }
    // Where nothing is said for long, the system is to notice that there is nobody.
    if connection.sawEnd || !wasHeard { unsafe nghttp2_submit_ping(session, flag, nil) }
    wasHeard = false
    connection.arm(connection.sawEnd ? min(2, loop.limits.uploadSeconds) : loop.limits.uploadSeconds)
    pump()
  }

  /// Whether bodies come as fast as they must, all streams together.
  private func comeFastEnough() -> Bool {
    let seconds = Double(loop.now - lookedAt) / 1e9
    guard seconds >= loop.limits.uploadSeconds * 0.99 else { return true }
    defer { (lookedAt, lastBytesIn) = (loop.now, bytesIn) }
    guard waitsForBodies(since: lookedAt) else { return true }
    return bytesIn - lastBytesIn >= Int(Double(loop.limits.uploadBytesPerSecond) * loop.limits.uploadSeconds)
  }

  /// Whether a client takes its answers as fast as it must, all streams together; one that has taken nothing of a stream meanwhile
  /// loses that stream.
  private func goFastEnough() -> Bool {
    for stream in streams.values where !stream.isSending { stream.sendingSince = nil }
    for stream in streams.values where stream.isSending && stream.sendingSince == nil {
      (stream.sendingSince, stream.bytesOutMark) = (loop.now, stream.bytesOut)
    }
    let seconds = loop.limits.stallSeconds
    guard Double(loop.now - stretch.began) / 1e9 >= seconds else { return true }
    defer { stretch = (loop.now, bytesOut) }
    let stuck = streams.values.filter { ($0.sendingSince ?? .max) <= stretch.began }
    for stream in stuck where stream.bytesOut == stream.bytesOutMark { reset(stream.number, NGHTTP2_ENHANCE_YOUR_CALM) }
    for stream in stuck { stream.bytesOutMark = stream.bytesOut }
    return stuck.isEmpty || bytesOut - stretch.bytesOut >= Int(Double(loop.limits.downloadBytesPerSecond) * seconds)
  }

  /// It answers a PING with a reset where it has left altogether.
  func halfClosed() { connection.arm(0.25) }

  /// Ends what clients still send though they were answered.
  ///
  /// They take a stream that is reset for one that failed, even behind its answer, so they have time to give it up.
  private func resetAnswered(before moment: UInt64) {
    for stream in streams.values {
      if let sent = stream.answeredAt, sent <= moment { reset(stream.number, NGHTTP2_NO_ERROR) }
    }
  }

  func left() {
    let all = streams.values
    streams = [:]
    for stream in all { close(stream, isWhole: false) }
  }

  func drain() {
    guard !isEnding else { return }
    isEnding = true
    for stream in streams.values { endForGood(stream) }
    resetAnswered(before: .max)
    let last = unsafe nghttp2_session_get_last_proc_stream_id(session)
    unsafe nghttp2_submit_goaway(session, flag, last, NGHTTP2_NO_ERROR.rawValue, nil, 0)
    pump()
  }
}
