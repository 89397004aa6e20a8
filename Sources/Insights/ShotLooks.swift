/// The last frames' descriptors, compared with each other.
///
/// Frames are named by their place in order, from 0; those of the last ``capacity`` can be looked at.
struct ShotLooks {
  static let capacity = 128
  private static let width = ShotDescriptor.byteCount
  private static let columns = ShotDescriptor.columns
  private static let rows = ShotDescriptor.rows

  private var values = [Float](repeating: 0, count: capacity * width)
  private var margins = [Margins](repeating: Margins(), count: capacity)
  private(set) var count = 0

  /// Rows and columns of black around a picture, as letterboxes have them; all of them on a black frame.
  private struct Margins {
    var (top, bottom, left, right) = (0, 0, 0, 0)
  }

  mutating func add(_ descriptor: ShotDescriptor) {
    let slot = count % Self.capacity
    for place in 0..<Self.width { values[slot * Self.width + place] = Float(descriptor.bytes[place]) }
    margins[slot] = Self.margins(of: descriptor)
    count += 1
  }

  /// Steps of luma, 0 to 255, by which two frames differ in the mean, with a share of chroma; a little movement does not count.
  func distance(_ a: Int, _ b: Int) -> Float {
    let region = region(a, b)
    let still = shifted(a, b, region, 0, 0)
    var least = still
    if still > 2 {
      for dy in -1...1 {
        for dx in -1...1 where dx != 0 || dy != 0 { least = min(least, shifted(a, b, region, dx, dy)) }
      }
    }
    return least + chromaDistance(a, b) * Float(ShotDescriptor.luma) / Float(region.area)
  }

  /// How a frame between two others lies on the straight line from one to the other.
  struct Blend {
    /// Share of the way gone, 0 to 1.
    var share: Float
    /// Distance from the line, as a share of its length.
    var offLine: Float
  }

  func blend(_ a: Int, _ middle: Int, _ b: Int) -> Blend {
    let (from, at, to) = (slot(a), slot(middle), slot(b))
    var (along, line, own): (Float, Float, Float) = (0, 1e-6, 0)
    for place in 0..<Self.width {
      let (whole, part) = (values[to + place] - values[from + place], values[at + place] - values[from + place])
      along += whole * part
      line += whole * whole
      own += part * part
    }
    return Blend(share: along / line, offLine: (max(0, own - along * along / line) / line).squareRoot())
  }

  /// Two frames cell by cell.
  struct Contrast {
    /// Mean difference in steps of luma.
    var luma: Float
    /// The same where neither is lighter or darker as a whole.
    var structure: Float
    /// Share of cells that differ visibly.
    var changed: Float
    /// Correlation of the cells, -1 to 1; 0 where one of the two is even throughout.
    var likeness: Float
  }

  func contrast(_ a: Int, _ b: Int) -> Contrast {
    let (from, to, region) = (slot(a), slot(b), region(a, b))
    var sums: (a: Float, b: Float, aa: Float, bb: Float, ab: Float) = (0, 0, 0, 0, 0)
    var (difference, changed): (Float, Float) = (0, 0)
    for row in region.top..<region.bottom {
      for place in row * Self.columns + region.left..<row * Self.columns + region.right {
        let (x, y) = (values[from + place], values[to + place])
        difference += (x - y).magnitude
        if (x - y).magnitude > 10 { changed += 1 }
        sums = (sums.a + x, sums.b + y, sums.aa + x * x, sums.bb + y * y, sums.ab + x * y)
      }
    }
    let n = Float(region.area)
    let (variance, other) = (sums.aa - sums.a * sums.a / n, sums.bb - sums.b * sums.b / n)
    let isEven = min(variance, other) < 4 * n
    let likeness = isEven ? 0 : (sums.ab - sums.a * sums.b / n) / (variance * other).squareRoot()
    let structure = structure(from, to, region, (sums.a - sums.b) / n)
    return Contrast(luma: difference / n, structure: structure, changed: changed / n, likeness: likeness)
  }

  private func structure(_ from: Int, _ to: Int, _ region: Region, _ offset: Float) -> Float {
    var sum: Float = 0
    for row in region.top..<region.bottom {
      for place in row * Self.columns + region.left..<row * Self.columns + region.right {
        sum += (values[from + place] - values[to + place] - offset).magnitude
      }
    }
    return sum / Float(region.area)
  }

  /// Mean difference of chroma in steps, both kinds together.
  private func chromaDistance(_ a: Int, _ b: Int, gain: Float = 1) -> Float {
    let (from, to) = (slot(a), slot(b))
    var sum: Float = 0
    for place in ShotDescriptor.luma..<Self.width {
      sum += ((values[from + place] - 128) * gain - (values[to + place] - 128)).magnitude
    }
    return sum / Float(2 * ShotDescriptor.chroma)
  }

  /// The same with the darker frame in the light of the other.
  func hueDistance(_ a: Int, _ b: Int) -> Float {
    let (one, other) = (max(light(a), 1), max(light(b), 1))
    let gain = min(4, max(one, other) / min(one, other))
    return one < other ? chromaDistance(a, b, gain: gain) : chromaDistance(b, a, gain: gain)
  }

  /// Mean luma.
  private func light(_ frame: Int) -> Float {
    let start = slot(frame)
    return (start..<start + ShotDescriptor.luma).reduce(0) { $0 + values[$1] } / Float(ShotDescriptor.luma)
  }

  private func slot(_ frame: Int) -> Int {
    precondition(frame >= 0 && frame < count && frame + Self.capacity >= count, "only the last frames can be looked at")
    return frame % Self.capacity * Self.width
  }

  // MARK: - Letterboxes

  private struct Region {
    var (top, bottom, left, right) = (0, ShotLooks.rows, 0, ShotLooks.columns)
    var area: Int { (bottom - top) * (right - left) }
  }

  /// What is not black at the edges of both; the whole picture where too little would be left.
  private func region(_ a: Int, _ b: Int) -> Region {
    let (a, b) = (margins[a % Self.capacity], margins[b % Self.capacity])
    var region = Region()
    (region.top, region.left) = (min(a.top, b.top), min(a.left, b.left))
    (region.bottom, region.right) = (Self.rows - min(a.bottom, b.bottom), Self.columns - min(a.right, b.right))
    let isUseful = region.bottom - region.top >= 3 && region.right - region.left >= 5
    return isUseful ? region : Region()
  }

  private static func margins(of descriptor: ShotDescriptor) -> Margins {
    let isDark = { (row: Int, column: Int) in descriptor.bytes[row * columns + column] < 20 }
    let row = { (row: Int) in (0..<columns).allSatisfy { isDark(row, $0) } }
    let column = { (column: Int) in (0..<rows).allSatisfy { isDark($0, column) } }
    var margins = Margins()
    margins.top = (0..<rows).prefix(while: row).count
    margins.bottom = (0..<rows).reversed().prefix(while: row).count
    margins.left = (0..<columns).prefix(while: column).count
    margins.right = (0..<columns).reversed().prefix(while: column).count
    return margins
  }

  /// The mean difference in luma where one of the two is moved by some cells.
  private func shifted(_ a: Int, _ b: Int, _ region: Region, _ dx: Int, _ dy: Int) -> Float {
    let (from, to) = (slot(a), slot(b) + dy * Self.columns + dx)
    let rows = max(region.top, region.top - dy)..<min(region.bottom, region.bottom - dy)
    let columns = max(region.left, region.left - dx)..<min(region.right, region.right - dx)
    var sum: Float = 0
    for row in rows {
      let line = row * Self.columns
      for place in line + columns.lowerBound..<line + columns.upperBound {
        sum += (values[from + place] - values[to + place]).magnitude
      }
    }
    return sum / Float(rows.count * columns.count)
  }
}
