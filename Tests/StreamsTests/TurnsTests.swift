import Base
import Isolation
import Testing

@testable import Streams

struct TurnsTests {
  /// Streams that always have something new, and turns that take as long for each: how often each was served.
  private func serve(weights: [Double], limit: Int, turns: Int) -> [Int] {
    var (queue, counts, running) = (Turns(limit: limit), weights.map { _ in 0 }, [Int]())
    for (id, weight) in weights.enumerated() { queue.join(id, weight: weight) }
    for id in weights.indices { running += queue.ask(id) }
    for _ in 0..<turns {
      let id = running.removeFirst()
      counts[id] += 1
      running += queue.end(id, isUsed: true, asksAgain: true)
      #expect(running.count <= limit && Set(running).count == running.count)
    }
    return counts
  }

  @Test("Equal streams are served as often, however many turns there are at a time", arguments: [1, 2, 3, 7])
  func even(limit: Int) {
    let counts = serve(weights: Array(repeating: 1, count: 8), limit: limit, turns: 8000)
    #expect(counts.allSatisfy { abs($0 - 1000) <= limit + 1 }, "\(counts)")
  }

  @Test(
    "As many turns are given as the widest of those that are there keeps busy, and fewer again once that narrows or leaves"
  )
  func widths() throws {
    let desk = TurnDesk(limit: 2)
    let bells = try (0..<6).map { _ in try Bell() }
    let ids = bells.map { desk.join(weight: 1, client: "", $0) }
    for id in ids { _ = desk.ask(id) }
    func atWork() -> Int { ids.count { desk.hasTurn($0) } }
    #expect(atWork() == 2)
    desk.widen(to: 5, for: ids[0])
    #expect(atWork() == 5, "those that wait are given theirs at once")
    desk.widen(to: 3, for: ids[0])
    for id in ids.prefix(3) { _ = desk.next(id) }
    #expect(atWork() == 3)
    desk.leave(ids[0])
    for id in ids.dropFirst() where desk.hasTurn(id) { _ = desk.next(id) }
    #expect(atWork() == 2)
    desk.widen(to: 6, for: ids[0])
    #expect(atWork() == 2, "one that has left widens nothing")
  }

  @Test("Rates fall by weight")
  func weights() {
    let counts = serve(weights: [1, 1, 2, 4], limit: 2, turns: 8000)
    for (count, expected) in zip(counts, [1000, 1000, 2000, 4000]) { #expect(abs(count - expected) <= 10, "\(counts)") }
  }

  @Test(
    "One that had nothing new for long, or comes later, does not catch up on the others; one that leaves frees its turn"
  )
  func latecomers() {
    var queue = Turns(limit: 1)
    for id in 0..<3 { queue.join(id, weight: 1) }
    let said1 = queue.ask(0)
    let said2 = queue.ask(1)
    #expect(said1 == [0] && said2.isEmpty)
    for _ in 0..<100 {
      let said3 = queue.end(0, isUsed: true)
      #expect(said3 == [1])
      let said4 = queue.ask(0)
      let said5 = queue.end(1, isUsed: true)
      #expect(said4.isEmpty && said5 == [0])
      let said6 = queue.ask(1)
      #expect(said6.isEmpty)
    }
    let said7 = queue.ask(2)
    #expect(said7.isEmpty)
    var served: [Int] = []
    var running = 0
    for _ in 0..<30 {
      let next = queue.end(running, isUsed: true)
      let said8 = queue.ask(running)
      #expect(said8.isEmpty && next.count == 1)
      running = next[0]
      served.append(running)
    }
    #expect((9...11).contains(served.count { $0 == 2 }), "\(served)")
    let said9 = queue.leave(running)
    #expect(said9.count == 1)
  }

  @Test("A turn that came to nothing costs nothing")
  func unused() {
    var queue = Turns(limit: 1)
    queue.join(0, weight: 1)
    queue.join(1, weight: 1)
    var counts = [0, 0]
    _ = queue.ask(0)
    var running = 0
    for round in 0..<1000 {
      let isUsed = running == 1 || round % 2 == 0
      if isUsed { counts[running] += 1 }
      _ = queue.ask(1 - running)
      running = queue.end(running, isUsed: isUsed)[0]
    }
    #expect(counts.allSatisfy { $0 > 300 }, "\(counts)")
  }
}

struct StreamSourceTests {
  @Test("User and password are read and shown nowhere")
  func account() throws {
    let source = try StreamSource("rtsp://us%40er:p%3Aw@cam.local:8554/main?x=1")
    #expect(source.shown == "rtsp://cam.local:8554/main?x=1" && source.kind == .rtsp(host: "cam.local", port: 8554))
    #expect(source.account?.user == "us@er" && source.account?.password == "p:w")
    #expect(try StreamSource("rtsp://cam").shown == "rtsp://cam/")
    let inPath = "rtsp://cam/user=admin_password=tlJwpbo6_channel=1.sdp"
    #expect(try StreamSource(inPath).shown == "rtsp://cam/user=…" && StreamSource(inPath).asked == inPath)
    #expect(try StreamSource("rtsp://u:p#w@cam/x").account?.password == "p#w")
    #expect(try StreamSource("rtsps://u:p@cam#key=sha256//a/b=").key == "sha256//a/b=")
    do {
      _ = try StreamSource("rtsp://user:hidden/secret@cam/x")
      Issue.record("a password with a slash in it is no host")
    } catch { #expect(!error.message.contains("hidden") && error.message.contains("%2F")) }
    #expect(try StreamSource("rtsp://[fe80::1]:9/a").kind == .rtsp(host: "fe80::1", port: 9))
    #expect(try StreamSource("a/clip.mp4?loop=1").kind == .film(path: "a/clip.mp4", loops: true))
  }

  @Test("A camera at this machine has a path below /dev, a size and a rate, and nothing else")
  func device() throws {
    let source = try StreamSource("v4l2:///dev/video0?size=1280x720&rate=29.97")
    #expect(
      source.kind == .device(path: "/dev/video0", size: Size(width: 1280, height: 720), rate: 29.97)
        && source.shown == "v4l2:///dev/video0?size=1280x720&rate=29.97")
    #expect(try StreamSource("/dev/video2").kind == .device(path: "/dev/video2", size: nil, rate: nil))
    #expect(
      try StreamSource("/dev/v4l/by-id/cam").kind == .device(path: "/dev/v4l/by-id/cam", size: nil, rate: nil))
    #expect(try StreamSource("/dev/shm/clip.mp4").kind == .film(path: "/dev/shm/clip.mp4", loops: false))
    for wrong in [
      "v4l2:///etc/passwd", "v4l2:///dev/../etc/passwd", "v4l2:///dev/", "v4l2://dev/video0",
      "v4l2:///dev/video0?size=0x0",
      "v4l2:///dev/video0?size=1280", "v4l2:///dev/video0?rate=x", "/dev/video0?format=YUYV", "/dev/video0?loop=1",
      "v4l2:///dev/video0?", "v4l2:///dev/video0?size=-5x40&rate=1",
    ] {
      #expect(throws: Fault.self, "\(wrong)") { try StreamSource(wrong) }
    }
  }

  @Test("What stands in an address of the web is told to its server, and shown to nobody where it may be a secret")
  func web() throws {
    let source = try StreamSource("https://user:p%40ss@h:8443/live/x.m3u8?token=hidden")
    #expect(source.shown == "https://h:8443/live/x.m3u8?…" && source.kind == .web && source.isSecure)
    #expect(source.asked == "https://h:8443/live/x.m3u8?token=hidden" && source.account?.password == "p@ss")
    let packets = try StreamSource("udp://@239.0.0.1:5004?localaddr=10.0.0.2")
    #expect(packets.kind == .packets(address: "239.0.0.1", port: 5004, interface: "10.0.0.2"))
    #expect(try StreamSource("udp://:5004").kind == .packets(address: "", port: 5004, interface: nil))
    #expect(try StreamSource("rtmp://h/live/cam").kind == .rtmp(host: "h", port: 1935))
  }

  @Test("A camera is asked over UDP and by TLS, with its own key where one stands behind its address")
  func transports() throws {
    let packets = try StreamSource("rtspu://cam/x")
    #expect(packets.prefersDatagrams && packets.asked == "rtsp://cam/x" && packets.shown == "rtspu://cam/x")
    let secure = try StreamSource("rtsps://cam/x#key=sha256//abc=")
    #expect(
      secure.key == "sha256//abc=" && secure.kind == .rtsp(host: "cam", port: 322) && secure.asked == "rtsps://cam/x")
  }

  @Test("A camera's word that it has moved is followed to another camera, with its password to the same host alone")
  func moved() throws {
    let source = try StreamSource("rtsp://u:p@cam/x")
    #expect(try source.moved(to: "rtsp://CAM:8554/y").account?.user == "u")
    #expect(try source.moved(to: "rtsp://other/y").account == nil)
    #expect(try source.moved(to: "rtsps://cam/y").isSecure)
    for place in ["http://cam/", "/etc/passwd", "file:///x", "udp://:5004"] {
      #expect(throws: Fault.self, "\(place)") { try source.moved(to: place) }
    }
    #expect(throws: Fault.self) { try StreamSource("rtsps://cam/x").moved(to: "rtsp://cam/x") }
  }

  @Test(
    "What is no source is refused, and says what is",
    arguments: [
      "rtsp://", "rtsp://:554/", "rtsp://cam:0/", "rtsp://cam:99999/", "ftp://x/y", "clip.mp4?speed=2", "a\u{1B}b",
      "udp://239.0.0.1", "udp://:5004?x=1", "http://", "rtsp://cam/#key=sha256//a", "rtsps://cam/#x", "rtmp://",
      "rtsps://cam/#key=sha256//a;sha256//b", "concat:a|b://x", "crypto+http://x/",
    ])
  func refused(text: String) { #expect(throws: Fault.self) { try StreamSource(text) } }
}

struct FiguresTests {
  @Test("Ages are told to a millisecond, to three digits from a second on")
  func ages() {
    var ages = AgeHistogram()
    for age in 1...1000 { ages.add(milliseconds: Double(age) - 0.5) }
    #expect(ages.quantile(0.5) == 500 && ages.quantile(0.99) == 990 && ages.quantile(1) == 1000)
    var later = ages
    later.add(milliseconds: 12_345)
    #expect(
      later.since(ages).quantile(0.5) == 12_400 && later.since(ages).count == 1 && AgeHistogram().quantile(0.5) == nil)
  }

  @Test("A gap lasts from the moment at which a stream is not live to the next at which it is, with its last reason")
  func gaps() {
    var figures = StreamFigures()
    figures.enter(.live, nil, now: 1)
    figures.enter(.stalled, "silence", now: 5)
    figures.enter(.waiting, "no picture came", now: 8)
    figures.enter(.connecting, "no picture came", now: 9)
    figures.enter(.live, nil, now: 10)
    #expect(figures.gaps.map(\.from) == [5] && figures.gaps[0].to == 10 && figures.gaps[0].reason == "no picture came")
    #expect(figures.state == .live && figures.since == 10 && figures.reason == nil)
  }

  @Test("Attempts come after a quarter of the time that a source has been gone, from half a second to half a minute")
  func backoff() {
    var (backoff, now, rests) = (Backoff(), UInt64(1_000_000_000), [Double]())
    for _ in 0..<40 {
      let rest = backoff.next(began: now, failed: now, chance: 0.5)
      rests.append(rest)
      now += UInt64(rest * 1e9)
    }
    #expect(rests[..<4] == [0.5, 0.5, 0.5, 0.5] && rests.max() == 24 && rests == rests.sorted())
    // Ten seconds after it went it is asked every two or three.
    let passed = rests.indices.first { rests[...$0].reduce(0, +) > 10 }
    #expect(passed.map { (2...3).contains(rests[$0]) } == true)
    let (least, again) = (
      backoff.next(began: now, failed: now, chance: 0),
      backoff.next(began: now, failed: now + 11_000_000_000, chance: 0)
    )
    #expect(least == 18 && again == 0.375)
  }

  @Test(
    "A client's streams take no more of the networks' time from another client's than one would, whatever they weigh")
  func clients() {
    var (queue, now, running) = (Turns(limit: 2), UInt64(1), [(end: UInt64, id: Int)]())
    var counts = [Int: Int]()
    for id in 0..<24 { queue.join(id, weight: 1000, client: "acme") }
    queue.join(24, weight: 1, client: "bolt")
    // Turns of acme take five times as long.
    func begin(_ ids: [Int]) { running += ids.map { (now + ($0 == 24 ? 20 : 100), $0) } }
    for id in 0..<25 { begin(queue.ask(id, now: now)) }
    for _ in 0..<6000 {
      running.sort { $0.end < $1.end }
      let next = running.removeFirst()
      now = next.end
      counts[next.id, default: 0] += 1
      begin(queue.end(next.id, isUsed: true, asksAgain: true, now: now))
    }
    let others = (0..<24).map { counts[$0, default: 0] }
    #expect(counts[24, default: 0] * 20 > others.reduce(0, +) * 100 / 3, "\(counts)")
    #expect(others.max()! - others.min()! <= 2, "\(counts)")
  }
}
