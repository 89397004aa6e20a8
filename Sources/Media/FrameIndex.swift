public import Base

/// Every frame of one video in order of presentation, numbered as ``MediaReader`` numbers them.
///
/// Sixteen bytes a frame in memory, eight more where timestamps are missing. Made from packets without decoding where
/// the codec is understood, else by decoding once. Damage that only decoding shows is not in an index made from packets.
public struct FrameIndex: Sendable, Hashable {
  /// One frame of the index.
  public struct Record: Sendable, Hashable {
    public var index: Int
    /// In the time base; `nil` where the file gives none.
    public var pts: Int?
    /// Seconds, as ``Frame/time``.
    public var time: Double
    /// A real entry point: decoding may begin here, and this frame and all later ones come out right.
    public var isKeyFrame: Bool
    /// The frame's place in the order of decoding; `nil` where only decoding told the frames.
    public var packet: Int?
  }

  /// A packet at which decoding can begin.
  struct Entry: Sendable, Hashable {
    var ordinal: Int
    /// The first frame that comes out right.
    var frame: Int
    var pts: Int?
    var dts: Int?
    var byteCount: Int

    /// Is this the packet that the facts are of? Decoding times are not the same after a seek in every container.
    func isPacket(_ facts: PacketFacts) -> Bool {
      facts.byteCount == byteCount && facts.pts == pts && (pts != nil || facts.dts == dts)
    }
  }

  /// The file that it was made of.
  public internal(set) var source: SourceStamp
  public let timeBase: Ratio
  /// Frames.
  public var count: Int { timestamps.count }
  /// Made without decoding; else ``FrameAccess`` decodes from the start.
  public var isFromPackets: Bool { !entries.isEmpty }

  /// `Int.min` stands for a missing one.
  private(set) var timestamps: [Int] = []
  /// Empty as long as every frame has a timestamp, from which its time follows.
  private(set) var times: [Double] = []
  private(set) var packets: [UInt32] = []
  /// Of the packet with a number; -1 where it makes no frame.
  private(set) var frames: [Int32] = []
  private(set) var entries: [Entry] = []
  /// Numbers of the frames that are key frames, where decoding told them.
  private(set) var keys: [UInt32] = []

  init(source: SourceStamp, timeBase: Ratio) { (self.source, self.timeBase) = (source, timeBase) }

  /// `number` is below ``count``.
  public subscript(number: Int) -> Record {
    let pts = timestamps[number] == .min ? nil : timestamps[number]
    return Record(
      index: number, pts: pts, time: time(of: number), isKeyFrame: isKey(number),
      packet: packets.isEmpty ? nil : Int(packets[number]))
  }

  /// The first frame with this timestamp.
  public func index(pts: Int) -> Int? {
    let guess = firstIndex { $0 >= pts }
    if guess < count, timestamps[guess] == pts, guess == 0 || timestamps[guess - 1] < pts { return guess }
    return timestamps.firstIndex(of: pts)
  }

  /// The frame that is on the screen at a time in seconds: the last that does not come later.
  ///
  /// `nil` before the first frame. Half a microsecond too early still counts.
  public func index(shownAt time: Double) -> Int? {
    (0..<count).lastIndex(upTo: { self.time(of: $0) <= time + 5e-7 })
  }

  func time(of number: Int) -> Double { times.isEmpty ? Double(timestamps[number]) * timeBase.value : times[number] }

  /// Where decoding begins for a frame: the last entry that comes not later in either order.
  func entry(for number: Int) -> Int? {
    let packet = Int(packets[number])
    var place = entries.indices.lastIndex(upTo: { entries[$0].ordinal <= packet })
    while let candidate = place, entries[candidate].frame > number { place = candidate > 0 ? candidate - 1 : nil }
    return place
  }

  private func isKey(_ number: Int) -> Bool {
    if entries.isEmpty { return keys.contains(sorted: UInt32(number)) }
    let packet = Int(packets[number])
    return entries.indices.lastIndex(upTo: { entries[$0].ordinal <= packet }).map { entries[$0].ordinal == packet }
      ?? false
  }

  private func firstIndex(_ holds: (Int) -> Bool) -> Int {
    (0..<count).partitioningIndex { holds(timestamps[$0]) } ?? count
  }
}

extension FrameIndex {
  mutating func add(_ place: FramePlace, packet: Int?, isKey: Bool = false) {
    if place.pts == nil, times.isEmpty {
      times = timestamps.map { Double($0) * timeBase.value }
      times.append(place.time)
    } else if !times.isEmpty {
      times.append(place.time)
    }
    timestamps.append(place.pts ?? .min)
    if let packet { packets.append(UInt32(packet)) } else if isKey { keys.append(UInt32(place.index)) }
  }

  mutating func add(_ entry: Entry) { entries.append(entry) }

  /// Takes everything as it was written.
  mutating func restore(
    _ timestamps: [Int], _ times: [Double], _ packets: [UInt32], _ keys: [UInt32], _ entries: [Entry],
    _ packetCount: Int
  ) {
    (self.timestamps, self.times, self.packets) = (timestamps, times, packets)
    (self.keys, self.entries) = (keys, entries)
    seal(packetCount: packetCount)
  }

  /// Links packets to frames after the last was added; entries come in order of their packets.
  mutating func seal(packetCount: Int) {
    frames = [Int32](repeating: -1, count: packetCount)
    for (number, packet) in packets.enumerated() { frames[Int(packet)] = Int32(number) }
  }
}
