public import Base
public import Predictions
public import Vision

/// The scheduler of frames on their way through a pipeline's networks: which jobs are next, and which frames are done.
///
/// A frame that is added has a job for each network that is shown whole frames; what a detector finds makes jobs for those that are
/// shown crops of it. A network that is shown windows has a job for each window, once that is whole, which answers about all frames of its
/// block. Jobs wait in queues, one for each loaded model. A value: frames are numbers here, in the order in which they were
/// added, and whoever runs the jobs keeps what they stand for. Its memory is used again and again, so that a frame in which nothing is
/// found asks for none.
public struct FrameScheduler: Sendable {
  /// What happens to frames that come faster than they can be looked at.
  public enum Policy: Sendable {
    /// They wait outside: every frame is looked at, in order.
    case inOrder
    /// A frame that none of the networks has begun with gives its place to the next one that comes.
    case latestWins
  }

  /// One question to a network.
  public struct Job: Sendable, Hashable {
    public let frame: Int
    /// The network, by its position in the pipeline.
    public let step: Int
    /// The crop, counted within frame and network; 0 for a whole frame.
    public let crop: Int
    /// The block of frames whose window is shown; `nil` for one frame.
    ///
    /// ``frame`` is then the first of them that is in line or behind it.
    public let block: Int?
  }

  /// The frames of a film that are looked at here, by their numbers from 0 on, as they are looked at.
  public struct Part: Sendable, Hashable {
    /// The first that comes.
    public var first: Int
    /// Those that are answered about; others are shown in windows alone.
    public var answered: Range<Int>

    public init(first: Int, answered: Range<Int>) { (self.first, self.answered) = (first, answered) }

    public static let whole = Part(first: 0, answered: 0..<Int.max)
  }

  /// A frame that every network has answered about, or what stood in the way.
  public struct Done: Sendable {
    public let frame: Int
    /// In the order of the networks; parents stand before what was found on them.
    public let predictions: Result<[Prediction], Fault>
  }

  /// One job's answers.
  private struct Found: Sendable {
    /// The part of the picture that is shown, in fractions; `nil` for all of it.
    var region: Rect?
    /// The detection that is shown: crop and position among the answers of its own network.
    var source = (crop: 0, position: 0)
    var answers: [Prediction] = []
  }

  /// A place in line.
  private struct Place: Sendable {
    /// By network and crop.
    var found: [[Found]]
    /// Jobs about this frame alone that are not answered yet, and those that were begun.
    var open = 0
    var begun = 0
    /// Windows that are not answered yet.
    var windows = 0
    var fault: Fault?
  }

  private let pipeline: Pipeline
  private let policy: Policy
  private let roots: [Int]
  /// The queue of each network.
  private let queueOf: [Int]
  private var queues: [[Job]]
  /// By network, for those that are shown windows.
  private var lines: [WindowLine?]
  /// The number in the film of the first frame that came into line.
  private let origin: Int
  /// What came too late to be answered, where the look was cut off: numbers in line.
  private var lost = Int.max
  /// By the frame's number modulo their count.
  private var places: [Place]
  /// Number of the oldest frame in line, and of the next.
  private var (first, next) = (0, 0)
  /// Jobs that each network was given.
  public private(set) var jobCounts: [Int]
  /// Frames that gave their place to a newer one.
  public private(set) var displaced = 0

  /// For at most `limit` frames in line.
  ///
  /// `queueOf` says the queue of each of the pipeline's networks, from 0; networks with the same model share one. `windows` are theirs, where
  /// some are shown windows: then the line has room for ``FrameWindow/reach`` frames at least.
  public init(
    _ pipeline: Pipeline, queueOf: [Int], limit: Int, policy: Policy = .inOrder, windows: [FrameWindow?]? = nil,
    part: Part = .whole
  ) {
    let windows = windows ?? pipeline.infer.map { _ in nil }
    precondition(windows.allSatisfy { limit >= ($0?.reach ?? 0) }, "a line holds a block until its window is whole")
    precondition(policy == .inOrder || windows.allSatisfy { $0 == nil }, "frames of windows wait for each other")
    precondition(queueOf.count == pipeline.infer.count, "each network has a queue")
    precondition(limit > (policy == .latestWins ? 1 : 0), "a line has room, and for the latest frame one place more")
    (self.pipeline, self.queueOf, self.policy) = (pipeline, queueOf, policy)
    roots = pipeline.infer.indices.filter { pipeline.infer[$0].on == nil }
    (lines, origin) = (windows.map { $0.map { WindowLine($0, answering: part.answered) } }, part.answered.lowerBound)
    queues = Array(repeating: [], count: (queueOf.max() ?? -1) + 1)
    let nothing = [[Found]](repeating: [], count: pipeline.infer.count)
    places = (0..<limit).map { _ in Place(found: nothing) }
    jobCounts = Array(repeating: 0, count: pipeline.infer.count)
  }

  public var isEmpty: Bool { next == first || first >= lost }

  /// Something waits to be begun.
  public var hasJobs: Bool { queues.contains { !$0.isEmpty } }

  /// A frame that comes now would have to wait.
  public var isFull: Bool { next - first >= places.count && !latestWaits }

  /// Takes a frame in and gives its number, which is that of the frame before it where that gave up its place.
  ///
  /// `passedOver` are networks that are not shown it, by position.
  public mutating func add(passingOver passedOver: Set<Int> = []) -> Int {
    precondition(!isFull, "a frame came where there was no place")
    if latestWaits { displaceLatest() }
    let (number, place) = (next, next % places.count)
    (places[place].begun, places[place].windows, places[place].fault) = (0, 0, nil)
    for step in places[place].found.indices { places[place].found[step].removeAll(keepingCapacity: true) }
    next += 1
    for step in roots where !passedOver.contains(step) {
      if lines[step] == nil { ask(about: number, step, Found()) } else { expectWindow(number, step) }
    }
    return number
  }

  /// Takes the next frame into windows, by its number in the film: jobs are made of those that are whole by it.
  public mutating func show(_ frame: Int) {
    for step in roots { if let block = lines[step]?.add(frame) { ask(about: block, of: step) } }
  }

  /// No frame comes any more, and so many were there; jobs are made of the last windows, which show the last frame more than once.
  public mutating func endWindows(count: Int) {
    for step in roots { for block in lines[step]?.end(count: count) ?? 0..<0 { ask(about: block, of: step) } }
  }

  /// The rest of the film is not looked at: frames whose windows are not whole are not answered.
  public mutating func cutOff() {
    for line in lines { if let line { lost = min(lost, max(0, line.window.kept(by: line.next).lowerBound - origin)) } }
  }

  /// The first frame, by its number in the film, that a job of a queue shows which is not taken yet or comes later.
  public func oldest(in queue: Int) -> Int {
    var oldest = Int.max
    for step in roots where queueOf[step] == queue { if let line = lines[step] { oldest = min(oldest, line.oldest) } }
    for job in queues[queue] {
      if let block = job.block, let window = lines[job.step]?.window {
        oldest = min(oldest, max(0, window.frames(of: block).lowerBound))
      }
    }
    return oldest
  }

  /// A job about a frame in line is open that shows it by itself.
  public func needsPicture(_ frame: Int) -> Bool { places[frame % places.count].open > 0 }

  private mutating func expectWindow(_ frame: Int, _ step: Int) {
    let place = frame % places.count
    places[place].found[step].append(Found())
    places[place].windows += 1
    jobCounts[step] += 1
  }

  private mutating func ask(about block: Int, of step: Int) {
    let frame = max(0, (lines[step]?.window.kept(by: block).lowerBound ?? 0) - origin)
    queues[queueOf[step]].append(Job(frame: frame, step: step, crop: 0, block: block))
  }

  /// The newest frame was not begun, and may be displaced.
  private var latestWaits: Bool {
    policy == .latestWins && !isEmpty && places[(next - 1) % places.count].begun == 0
  }

  private mutating func displaceLatest() {
    next -= 1
    for queue in queues.indices { queues[queue].removeAll { $0.frame == next } }
    places[next % places.count].open = 0
    for step in roots { jobCounts[step] -= places[next % places.count].found[step].count }
    displaced += 1
  }

  /// Takes the next job of a queue, to be begun at once.
  public mutating func takeJob(from queue: Int) -> Job? {
    guard let job = queues[queue].first, job.block != nil || mayBegin(job.frame) else { return nil }
    queues[queue].removeFirst()
    if job.block == nil { places[job.frame % places.count].begun += 1 }
    return job
  }

  /// Where the latest wins, the last place in line is for a frame that can still be displaced.
  private func mayBegin(_ frame: Int) -> Bool {
    policy == .inOrder || frame - first < places.count - 1
  }

  /// The part of the picture that a job is about, in fractions; `nil` for all of it.
  public func region(of job: Job) -> Rect? { places[job.frame % places.count].found[job.step][job.crop].region }

  /// Takes the answers to a job in, and makes jobs of them for the networks that are shown what it found.
  public mutating func answer(_ job: Job, _ result: Result<[Prediction], Fault>) {
    precondition(job.block == nil, "a window is answered frame by frame")
    let place = job.frame % places.count
    places[place].open -= 1
    switch result {
    case .failure(let fault): places[place].fault = places[place].fault ?? fault
    case .success(let answers):
      let kept = answers.filter { pipeline.keeps($0, of: job.step) }
      places[place].found[job.step][job.crop].answers = kept
      for step in pipeline.infer.indices where pipeline.infer[step].on == job.step {
        for (position, answer) in kept.enumerated() {
          guard let region = pipeline.infer[step].crop(of: answer) else { continue }
          ask(about: job.frame, step, Found(region: region, source: (job.crop, position)))
        }
      }
    }
  }

  /// Takes the answers to a window in, one for each frame of its block; those of frames that are not in line are of no use.
  public mutating func answer(_ job: Job, window result: Result<[[Prediction]], Fault>) {
    guard let block = job.block, let window = lines[job.step]?.window else {
      preconditionFailure("only windows are answered as such")
    }
    for (offset, number) in window.kept(by: block).enumerated() {
      let frame = number - origin
      guard (first..<next).contains(frame) else { continue }
      let place = frame % places.count
      places[place].windows -= 1
      switch result {
      case .failure(let fault): places[place].fault = places[place].fault ?? fault
      case .success(let answers):
        places[place].found[job.step][0].answers = answers[offset].filter { pipeline.keeps($0, of: job.step) }
      }
    }
  }

  private mutating func ask(about frame: Int, _ step: Int, _ found: Found) {
    let place = frame % places.count
    places[place].found[step].append(found)
    places[place].open += 1
    jobCounts[step] += 1
    queues[queueOf[step]].append(Job(frame: frame, step: step, crop: places[place].found[step].count - 1, block: nil))
  }

  /// The oldest frame, once every job about it was answered; its place is free afterwards.
  public mutating func takeDone() -> Done? {
    let place = first % places.count
    guard !isEmpty, places[place].open == 0, places[place].windows == 0 else { return nil }
    defer { first += 1 }
    if let fault = places[place].fault { return Done(frame: first, predictions: .failure(fault)) }
    return Done(frame: first, predictions: .success(flat(places[place].found)))
  }

  /// All answers in one list: network by network, in the order of what they were found on, whenever they came.
  private func flat(_ found: [[Found]]) -> [Prediction] {
    if pipeline.infer.count == 1 { return found[0].first?.answers ?? [] }
    var list: [Prediction] = []
    // Where the answers to each job begin, by network and crop.
    var starts: [[Int]] = []
    for (step, jobs) in found.enumerated() {
      var positions = Array(repeating: 0, count: jobs.count)
      let parents = pipeline.infer[step].on.map { on in
        jobs.map { starts[on][$0.source.crop] + $0.source.position }
      }
      let order = parents.map { parents in jobs.indices.sorted { parents[$0] < parents[$1] } }
      for job in order ?? Array(jobs.indices) {
        positions[job] = list.count
        for answer in jobs[job].answers {
          var answer = answer
          (answer.step, answer.parent) = (step, parents?[job])
          if let parent = answer.parent { answer.box = answer.box ?? list[parent].box }
          list.append(answer)
        }
      }
      starts.append(positions)
    }
    return list
  }
}
