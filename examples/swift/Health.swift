// What a VPN application on macOS does with RouteGuard: /health every second, and a session from begin to end.
// Not compiled where RouteGuard is built, which is no Mac: expect to correct a line. Needs macOS 10.15.
//     swiftc -parse-as-library Health.swift -o health && ./health

import Foundation
import Network

struct Health: Decodable {
    let verdict: String
    let problems: [String]
}

struct Session: Decodable {
    let id: String
}

struct Problem: Decodable {
    let detail: String
}

enum GuardError: Error {
    case noAnswer
    case refused(status: Int, detail: String)
}

struct Answer {
    let status: Int
    let location: String?
    let body: Data
}

final class RouteGuard {
    private static let answerBytesMax = 1 << 20
    private static let answerSecondsMax = 5.0
    private static let followsMax = 35

    private let path: String
    private let queue = DispatchQueue(label: "routeguard")

    init(path: String = "/var/run/routeguard/routeguard.sock") {
        self.path = path
    }

    /// 200 and 503 both carry the verdict: bad news is an answer.
    func health() async throws -> Health {
        let answer = try await askOnce("GET", "/health")
        guard answer.status == 200 || answer.status == 503 else { throw refusal(answer) }
        return try JSONDecoder().decode(Health.self, from: answer.body)
    }

    /// Before the VPN touches anything. When the process dies, the daemon puts the table back.
    func begin(label: String) async throws -> Session {
        let pid = ProcessInfo.processInfo.processIdentifier
        let body = try JSONSerialization.data(withJSONObject: ["label": label, "ownerPid": pid])
        return try JSONDecoder().decode(Session.self, from: try await ask("POST", "/v1/sessions", body).body)
    }

    /// The VPN's routes are in.
    func up(_ session: Session, tunnel: String) async throws {
        let body = try JSONSerialization.data(withJSONObject: ["tunnel": tunnel])
        _ = try await ask("POST", "/v1/sessions/\(session.id)/up", body)
    }

    /// The VPN has stopped: what it left is removed.
    func end(_ session: Session) async throws {
        _ = try await ask("DELETE", "/v1/sessions/\(session.id)")
    }

    /// Asks, and follows a 202 to its answer.
    private func ask(_ method: String, _ target: String, _ body: Data = Data()) async throws -> Answer {
        var answer = try await askOnce(method, target, body)
        for _ in 0..<RouteGuard.followsMax {
            guard answer.status == 202, let operation = answer.location, operation.hasPrefix("/v1/operations/") else {
                break
            }
            answer = try await askOnce("GET", operation)
        }
        guard answer.status == 200 || answer.status == 201 else { throw refusal(answer) }
        return answer
    }

    private func refusal(_ answer: Answer) -> GuardError {
        let problem = try? JSONDecoder().decode(Problem.self, from: answer.body)
        return .refused(status: answer.status, detail: problem?.detail ?? "")
    }

    /// HTTP/1.0: the answer comes unchunked and ends with the connection.
    private func askOnce(_ method: String, _ target: String, _ body: Data = Data()) async throws -> Answer {
        let connection = NWConnection(to: NWEndpoint.unix(path: path), using: .tcp)
        // Without a daemon the connection waits for one; here nobody waits.
        connection.stateUpdateHandler = { state in
            if case .waiting = state { connection.cancel() }
        }
        queue.asyncAfter(deadline: .now() + RouteGuard.answerSecondsMax) { connection.cancel() }
        connection.start(queue: queue)
        defer { connection.cancel() }

        let head = "\(method) \(target) HTTP/1.0\r\nContent-Type: application/json\r\nContent-Length: \(body.count)\r\n\r\n"
        try await send(Data(head.utf8) + body, on: connection)
        var bytes = Data()
        while let more = try await receive(on: connection), bytes.count < RouteGuard.answerBytesMax {
            bytes.append(more)
        }
        return try parse(bytes)
    }

    private func send(_ data: Data, on connection: NWConnection) async throws {
        try await withCheckedThrowingContinuation { (sent: CheckedContinuation<Void, Error>) in
            connection.send(content: data, completion: .contentProcessed { error in
                if let error = error { sent.resume(throwing: error) } else { sent.resume() }
            })
        }
    }

    /// Nil at the end of the answer.
    private func receive(on connection: NWConnection) async throws -> Data? {
        try await withCheckedThrowingContinuation { (received: CheckedContinuation<Data?, Error>) in
            connection.receive(minimumIncompleteLength: 1, maximumLength: 65_536) { data, _, _, error in
                if let data = data, !data.isEmpty {
                    received.resume(returning: data)
                } else if let error = error {
                    received.resume(throwing: error)
                } else {
                    received.resume(returning: nil)
                }
            }
        }
    }

    private func parse(_ bytes: Data) throws -> Answer {
        guard let end = bytes.range(of: Data("\r\n\r\n".utf8)),
              let head = String(data: bytes[..<end.lowerBound], encoding: .isoLatin1) else {
            throw GuardError.noAnswer
        }
        let lines = head.components(separatedBy: "\r\n")
        let words = lines[0].split(separator: " ")
        guard words.count >= 2, words[0].hasPrefix("HTTP/1."), let status = Int(words[1]) else {
            throw GuardError.noAnswer
        }
        let location = lines.first { $0.lowercased().hasPrefix("location: ") }.map { String($0.dropFirst(10)) }
        return Answer(status: status, location: location, body: Data(bytes[end.upperBound...]))
    }
}

@main
struct Example {
    static func main() async {
        let routeGuard = RouteGuard()
        while true {
            do {
                let health = try await routeGuard.health()
                print(health.verdict, health.problems.joined(separator: " "))
            } catch {
                print("no daemon, or no answer: \(error)")
            }
            try? await Task.sleep(nanoseconds: 1_000_000_000)
        }
    }
}
