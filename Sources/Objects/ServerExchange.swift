internal import Base
internal import CCurl
internal import Glibc

/// One request on its way: what libcurl asks for while it sends, and what it brings.
///
/// Lives on one thread, inside `curl_easy_perform`.
final class ServerExchange {
  var answer = ServerAnswer()
  /// A refusal of our own, which libcurl only sees as a callback that failed.
  private(set) var refusal: Fault?
  private let request: ServerRequest
  private let mostBytes: Int
  /// What the answer is told to: its head before its body, each only where it is one of 200 to 299.
  typealias Takers = (head: ((ServerAnswer) throws(Fault) -> Void)?, sink: (([UInt8]) throws(Fault) -> Void)?)

  private let takers: Takers
  private var hasToldHead = false
  private let goesOn: (Int) -> Bool
  private var sent = 0
  private var file: Int32 = -1

  init(
    _ request: ServerRequest, _ mostBytes: Int, _ takers: Takers, _ goesOn: @escaping (Int) -> Bool
  ) throws(Fault) {
    (self.request, self.mostBytes, self.takers, self.goesOn) = (request, mostBytes, takers, goesOn)
    guard case .file(let path, _) = request.body else { return }
    file = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw SystemError.last.fault("read", path) }
  }

  deinit { if file >= 0 { close(file) } }

  /// The callbacks run inside `curl_easy_perform`, which this outlives, so it is not retained for them.
  func attach(to handle: UnsafeMutableRawPointer) {
    let me = unsafe Unmanaged.passUnretained(self).toOpaque()
    for option in [CURLOPT_WRITEDATA, CURLOPT_HEADERDATA, CURLOPT_READDATA, CURLOPT_SEEKDATA, CURLOPT_XFERINFODATA] {
      unsafe _ = ridley_curl_set_pointer(handle, option, me)
    }
    unsafe _ = ridley_curl_set_writer(handle, takeBody)
    unsafe _ = ridley_curl_set_header_taker(handle, takeHeader)
    unsafe _ = ridley_curl_set_reader(handle, giveBody)
    unsafe _ = ridley_curl_set_seeker(handle, seekBody)
    unsafe _ = ridley_curl_set_meter(handle, meterExchange)
  }

  /// One line of an answer's head; an answer that is not the last (100, or a proxy's) is forgotten.
  fileprivate func take(header bytes: UnsafeRawBufferPointer) {
    let line = unsafe String(decoding: bytes, as: UTF8.self).filter { $0 != "\r" && $0 != "\n" && $0 != "\r\n" }
    if line.hasPrefix("HTTP/") {
      answer = ServerAnswer()
      answer.status = line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
      return
    }
    guard let colon = line.firstIndex(of: ":"), answer.headers.count < 200 else { return }
    let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
    answer.headers.append((String(line[..<colon]), String(value)))
  }

  /// Once, where there is somebody to tell.
  func tellHead() {
    guard !hasToldHead, refusal == nil, (200...299).contains(answer.status), let head = takers.head else { return }
    hasToldHead = true
    do throws(Fault) { try head(answer) } catch { refusal = error }
  }

  fileprivate func take(body bytes: UnsafeRawBufferPointer) -> Bool {
    tellHead()
    guard refusal == nil else { return false }
    do throws(Fault) {
      if let sink = takers.sink, (200...299).contains(answer.status) {
        unsafe try sink(Array(bytes))
      } else {
        guard answer.body.count + bytes.count <= mostBytes else {
          throw Fault(.tooLarge, "the server's answer is longer than \(mostBytes) bytes: ask for less")
        }
        unsafe answer.body.append(contentsOf: bytes)
      }
    } catch { refusal = error }
    return refusal == nil
  }

  /// Fills the block with what comes next of the body; `nil` where that cannot be read.
  fileprivate func give(_ block: UnsafeMutableRawBufferPointer) -> Int? {
    switch request.body {
    case .none: return 0
    case .bytes(let bytes):
      let count = min(block.count, bytes.count - sent)
      unsafe block.copyBytes(from: bytes[sent..<(sent + count)])
      sent += count
      return count
    case .file(let path, let range):
      let wanted = min(block.count, range.count - sent)
      guard wanted > 0 else { return 0 }
      var count = 0
      repeat {
        count = unsafe pread(file, block.baseAddress, wanted, off_t(range.lowerBound + sent))
      } while count < 0 && errno == EINTR
      guard count > 0 else {
        refusal =
          count < 0
          ? SystemError.last.fault("read", path) : Fault(.badInput, "\(path) became shorter while it was sent")
        return nil
      }
      sent += count
      return count
    }
  }

  /// For a connection that turned out to be closed: the body is sent anew on another.
  fileprivate func seek(_ place: Int) { sent = place }

  fileprivate func goOn() -> Bool {
    guard refusal == nil else { return false }
    if goesOn(sent) { return true }
    refusal = Fault(.closed, "stopped")
    return false
  }
}

private func exchange(_ context: UnsafeMutableRawPointer?) -> ServerExchange? {
  guard let context = unsafe context else { return nil }
  return unsafe Unmanaged<ServerExchange>.fromOpaque(context).takeUnretainedValue()
}

/// Called by libcurl on the request's own thread for every block of the answer; less than all of it means "stop".
@c private func takeBody(
  _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
  let block = unsafe UnsafeRawBufferPointer(start: bytes, count: size * count)
  return unsafe exchange(context)?.take(body: block) == true ? size * count : 0
}

/// Called by libcurl on the request's own thread for every line of the answer's head.
@c private func takeHeader(
  _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
  let block = unsafe UnsafeRawBufferPointer(start: bytes, count: size * count)
  unsafe exchange(context)?.take(header: block)
  return size * count
}

/// Called by libcurl on the request's own thread when it can send more; 0 at the end.
@c private func giveBody(
  _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
  let block = unsafe UnsafeMutableRawBufferPointer(start: bytes, count: size * count)
  return unsafe exchange(context)?.give(block) ?? Int(CURL_READFUNC_ABORT)
}

/// Called by libcurl on the request's own thread where the body is to be sent from another place.
@c private func seekBody(_ context: UnsafeMutableRawPointer?, _ place: curl_off_t, _ origin: CInt) -> CInt {
  guard origin == SEEK_SET, let exchange = unsafe exchange(context) else { return CURL_SEEKFUNC_FAIL }
  exchange.seek(Int(place))
  return CURL_SEEKFUNC_OK
}

/// Called by libcurl on the request's own thread, about once a second and more often while bytes move; not 0 means "stop".
@c private func meterExchange(
  _ context: UnsafeMutableRawPointer?, _: curl_off_t, _: curl_off_t, _: curl_off_t, _: curl_off_t
) -> CInt {
  unsafe exchange(context)?.goOn() == true ? 0 : 1
}
