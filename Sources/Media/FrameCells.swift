/// Cuts a film into cells of about a minute: the first frame of each stands alone, and it is the first that does so in a new minute.
///
/// What remembers the frames before only so that the memory fades, as a running mean does, begins anew with each cell, in every
/// run. So a film may be cut between two cells, and its parts looked at apart, without a difference in what is seen. Told of
/// entries and frames in order of presentation; a minute is one of the frames' own times, which may jump.
struct FrameCells {
  /// Seconds.
  static let length = 60.0

  /// Numbers of the frames that begin cells, but the first of all.
  private(set) var beginnings: [Int] = []
  private var minute: Double?
  /// The earliest packet at which decoding can begin so that the next frame is the first to come out.
  private var entry: Int?

  /// The packet with this number is an entry; the next frame is the first that comes out right there.
  mutating func add(entry packet: Int) { entry = min(entry ?? packet, packet) }

  mutating func add(frame number: Int, time: Double, packet: Int) {
    let standsAlone = entry.map { $0 <= packet } ?? false
    entry = nil
    let minute = (time / Self.length).rounded(.down)
    guard let last = self.minute else { return self.minute = minute }
    guard minute > last, standsAlone else { return }
    beginnings.append(number)
    self.minute = minute
  }

  /// The number of a frame's cell.
  func cell(of number: Int) -> Int { beginnings.indices.partitioningIndex { beginnings[$0] > number } ?? 0 }
}

extension FrameIndex {
  /// Numbers of the frames at which a part may begin: the first one, and those that decoding can begin with.
  ///
  /// None where only decoding told the frames: such a film is looked at as a whole.
  public var starts: [Int] {
    guard isFromPackets, count > 0 else { return [] }
    var starts = [0]
    for entry in entries where entry.frame > starts.last! && entry.frame < count && isStart(entry) {
      starts.append(entry.frame)
    }
    return starts
  }

  /// Numbers of the frames that begin cells, the first one among them: where a film is cut whose pipeline has a gate.
  public var cells: [Int] { isFromPackets && count > 0 ? [0] + cellsOfAll.beginnings : [] }

  /// Found by going through all frames, in microseconds a thousand.
  var cellsOfAll: FrameCells {
    var (cells, next) = (FrameCells(), entries.startIndex)
    for number in 0..<count {
      while next < entries.endIndex, entries[next].frame <= number {
        cells.add(entry: entries[next].ordinal)
        next += 1
      }
      cells.add(frame: number, time: time(of: number), packet: Int(packets[number]))
    }
    return cells
  }

  /// The frame that is the first to come out right comes out of this entry, or of one behind it.
  func isStart(_ entry: Entry) -> Bool { entry.frame < count && entry.ordinal <= Int(packets[entry.frame]) }

  func place(of number: Int, cell: Int = 0) -> FramePlace {
    FramePlace(
      index: number, pts: timestamps[number] == .min ? nil : timestamps[number], time: time(of: number), cell: cell)
  }
}
