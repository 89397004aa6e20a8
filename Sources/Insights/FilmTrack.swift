/// What is kept of every frame of a film: its number, its time, how light it is, and whether it is black, or even throughout.
///
/// Frames are named by their place in order, from 0. About 21 bytes a frame.
struct FilmTrack: Hashable {
  private(set) var numbers: [Int] = []
  private(set) var times: [Double] = []
  /// Mean luma, 0 to 255; 0 where no picture was given.
  private(set) var light: [Float] = []
  private var looks: [Look] = []

  private struct Look: OptionSet, Hashable {
    var rawValue: UInt8
    static let black = Look(rawValue: 1)
    static let even = Look(rawValue: 2)
  }

  var count: Int { times.count }

  mutating func add(index: Int, time: Double, _ descriptor: ShotDescriptor?, blackLuma: Int) {
    numbers.append(index)
    // Times that step back, as broken files have them, would end a shot before it starts.
    times.append(max(time, times.last ?? time))
    guard let bytes = descriptor?.bytes else {
      light.append(0)
      return looks.append([])
    }
    var (sum, squares, lights) = (0, 0, 0)
    for place in 0..<ShotDescriptor.luma {
      let luma = Int(bytes[place])
      sum += luma
      squares += luma * luma
      if luma > blackLuma { lights += 1 }
    }
    let count = ShotDescriptor.luma
    light.append(Float(sum) / Float(count))
    // A broadcaster's mark may stay on black: three cells of 144.
    let isBlack = lights <= 3 && sum <= blackLuma * count
    // A sky has more than a few steps of its own.
    let isEven = count * squares - sum * sum < 6 * count * count
    looks.append(isBlack ? [.black, .even] : isEven ? .even : [])
  }

  func isBlack(_ place: Int) -> Bool { looks[place].contains(.black) }

  /// One colour throughout, or nearly; black too.
  func isEven(_ place: Int) -> Bool { looks[place].contains(.even) }

  /// Where the frame ends: where the next one is shown, or `end` of the film, or else as long after as the frame before took.
  func end(of place: Int, filmEnd: Double?) -> Double {
    if place + 1 < count { return times[place + 1] }
    let usual = place > 0 ? times[place] - times[place - 1] : 0
    return max(times[place], filmEnd ?? times[place] + usual)
  }

  /// Stretches of black that last at least so many seconds.
  func blackRuns(atLeast seconds: Double, filmEnd: Double?) -> [ClosedRange<Int>] {
    var runs: [ClosedRange<Int>] = []
    var place = 0
    while place < count {
      guard isBlack(place) else {
        place += 1
        continue
      }
      let first = place
      while place + 1 < count, isBlack(place + 1) { place += 1 }
      if end(of: place, filmEnd: filmEnd) - times[first] >= seconds - 1e-6 { runs.append(first...place) }
      place += 1
    }
    return runs
  }

  /// From black at `edge` on, a step back or forth at a time, to where the picture is as light as it becomes.
  ///
  /// `nil` where the film ends before. A picture that does not come out of the dark is whole at once: no fade.
  func fade(from edge: Int, step: Int, isCut: (Int) -> Bool) -> Int? {
    let first = edge + step
    guard first >= 0, first < count else { return nil }
    var place = first
    while true {
      let next = place + step
      guard next >= 0, next < count, !isBlack(next), !isCut(max(next, place)) else { break }
      // Grain and movement make a fade pause: one of the next three frames has to be lighter.
      let ahead = (1...3).map { place + $0 * step }.filter { $0 >= 0 && $0 < count }
      guard ahead.contains(where: { light[$0] > light[place] * 1.01 + 0.4 }) else { break }
      place = next
    }
    return light[first] < light[place] * 0.6 ? place : first
  }
}
