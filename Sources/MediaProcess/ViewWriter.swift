internal import Base
internal import Glibc
internal import Media

/// In the process of a live source: makes a film of what comes, for those that look on, and never waits for them.
///
/// One thread.
final class ViewWriter {
  private let descriptor: Int32
  /// Also what no browser plays out of MP4.
  private let givesAll: Bool
  private var waiting: [UInt8] = []
  private var muxer: LiveMuxer?
  private var parameters: StreamParameters?
  /// Where the pictures are a film's, and how far they are moved in it.
  private var film: (reader: PacketReader, delay: Int)?
  /// When second 0 was, in seconds since 1970.
  private var began = 0.0
  private var order = DecodeOrder(delay: 0)
  private var isWaitingForKey = true
  /// What this machine cannot make a film of is not tried with each picture.
  private var failures = 0

  /// Bytes that may wait; what comes while more do is left out, up to a key frame.
  private static let most = 8 << 20
  private static let mostFailures = 100

  /// Owns the descriptor.
  init(owning descriptor: Int32, givesAll: Bool) { (self.descriptor, self.givesAll) = (descriptor, givesAll) }

  deinit { close(descriptor) }

  /// A picture that came, as its decoder takes it, and its time in seconds; `began` is when second 0 was.
  func add(
    _ bytes: [UInt8], told: [UInt8], _ codec: LiveDecoder.Codec, time: Double, began: Double, isKey: Bool
  ) {
    guard codec != .mjpeg || givesAll, failures < Self.mostFailures else { return }
    self.began = began
    if isKey {
      begin(
        StreamParameters(codec, picture: bytes, known: parameters)
          ?? StreamParameters(codec, picture: told + bytes, known: parameters))
    }
    add(bytes, time: time, isKey: isKey)
  }

  /// Packets of a file, in which pictures are moved by so many places.
  func begin(_ reader: PacketReader, delay: Int, began: Double) {
    (self.began, film, parameters) = (began, (reader, delay), nil)
    beginFilm()
  }

  private func beginFilm() {
    guard let film, failures < Self.mostFailures else { return }
    begin(delay: max(film.delay, order.delay)) { () throws(Fault) in
      try LiveMuxer(film.reader, timescale: ViewPiece.timescale)
    }
  }

  func add(_ bytes: [UInt8], time: Double, isKey: Bool) {
    // What was given up in the middle goes on here; a camera's pictures bring their own beginning.
    if isKey, muxer == nil { beginFilm() }
    guard let muxer, !bytes.isEmpty, flush(), isKey || !isWaitingForKey else { return }
    let pts = Self.ticks(began + time)
    guard let (dts, duration) = order.place(pts) else {
      // A picture is shown before one that was decoded before it: from the next key frame on there is room for that.
      order = DecodeOrder(delay: min(16, max(2, order.delay * 2)))
      (self.muxer, parameters) = (nil, nil)
      return
    }
    do throws(Fault) {
      let fragment = try muxer.fragment(
        bytes.span, at: LiveMuxer.Moment(pts: pts, dts: dts, duration: duration, isKey: isKey))
      isWaitingForKey = false
      send(.fragment(ViewPiece.Fragment(pts: pts, duration: duration, isKey: isKey, bytes: fragment)))
    } catch {
      failures += 1
      (self.muxer, parameters) = (nil, nil)
    }
  }

  func still(_ frame: Frame, shown: Double) {
    guard waiting.isEmpty, frame.size.area > 0 else { return }
    let scale = min(1, 640 / Double(max(frame.size.width, frame.size.height)))
    let sides = [frame.size.width, frame.size.height].map { max(1, Int(Double($0) * scale)) }
    let size = Size(width: sides[0], height: sides[1])
    guard let pixels = try? frame.rgb(size: size),
      let bytes = try? JPEG.encode(rgb: pixels, size: size, quality: 75)
    else { return }
    send(.still(pts: Self.ticks(shown), bytes: bytes))
  }

  static func ticks(_ seconds: Double) -> Int {
    Int(min(max(0, seconds), 1e12) * Double(ViewPiece.timescale) + 0.5)
  }

  private func begin(_ new: StreamParameters?) {
    guard let new, new != parameters else { return }
    parameters = new
    begin(delay: max(new.delay, order.delay)) { () throws(Fault) in try LiveMuxer(new, timescale: ViewPiece.timescale) }
  }

  private func begin(delay: Int, _ make: () throws(Fault) -> LiveMuxer) {
    isWaitingForKey = true
    do throws(Fault) {
      let new = try make()
      guard new.isPlayed || givesAll else {
        failures = Self.mostFailures
        return
      }
      // The same film again goes on.
      if new.head == muxer?.head, order.delay == delay { return }
      (muxer, order) = (new, DecodeOrder(delay: delay))
      send(.head(codecs: new.codecs, size: new.size, bytes: new.head))
    } catch {
      muxer = nil
      failures += 1
    }
  }

  private func send(_ piece: ViewPiece) {
    waiting += ViewLine.write(piece)
    _ = flush()
  }

  /// Writes what the line takes; whether there is room for more.
  private func flush() -> Bool {
    while !waiting.isEmpty {
      let count = unsafe write(descriptor, waiting, waiting.count)
      if count > 0 {
        waiting.removeFirst(count)
      } else if errno != EINTR {
        break
      }
    }
    guard waiting.count > Self.most else { return true }
    isWaitingForKey = true
    return false
  }
}

/// Times of decoding, from the times of showing in the order of decoding.
///
/// The earliest of the latest few is what can be told without waiting; how many these are is how far pictures are moved.
struct DecodeOrder {
  let delay: Int
  private var latest: [Int] = []
  private var last = Int.min
  private var duration = 3600

  init(delay: Int) { self.delay = min(16, max(0, delay)) }

  /// How far pictures are moved that are shown at these times, in the order of decoding.
  static func delay(of times: [Double]) -> Int {
    times.indices.map { place in times[..<place].count { $0 > times[place] } }.max() ?? 0
  }

  /// `nil` where it is shown before one before it could be: pictures are moved further than was said.
  mutating func place(_ pts: Int) -> (dts: Int, duration: Int)? {
    if latest.isEmpty, delay > 0 { latest = (1...delay).map { pts - $0 * duration } }
    latest.append(pts)
    let dts = max(latest.min() ?? pts, last == .min ? .min : last + 1)
    latest.remove(at: latest.firstIndex(of: latest.min() ?? pts) ?? 0)
    guard dts <= pts else { return nil }
    if last != .min, (1...ViewPiece.timescale * 2).contains(dts - last) { duration = dts - last }
    last = dts
    return (dts, duration)
  }
}
