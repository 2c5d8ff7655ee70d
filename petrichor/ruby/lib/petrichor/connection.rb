# frozen_string_literal: true

require 'io/wait'
require 'socket'

module Petrichor
  # Petrichor on any IO that has read_nonblock and write_nonblock: TCPSocket, UNIXSocket, OpenSSL::SSL::SSLSocket, pipes.
  # One thread may read while another one sends.
  class Connection
    include Enumerable

    READ_BYTES = 65_536

    attr_reader :io, :limits

    # Options are those of MessageReader.
    def initialize(io, limits: DEFAULT_LIMITS, **options)
      @io = io
      @limits = limits
      @reader = MessageReader.new(limits, **options)
      @failed = false
      no_delay(io.to_io) if io.respond_to?(:to_io)
    end

    # One value, whatever it is. EOFError when the peer has closed, since nil is a value.
    def read_chunk
      found = receive(nil) { @reader.next_chunk }
      raise EOFError, 'the peer closed between two values' if found.nil?

      found.first
    end

    # The next message; nil when the peer has closed between two messages. `deadline` is for handshakes.
    def recv(deadline: nil)
      receive(deadline) { @reader.next }
    end

    # The peer's first message, within handshake_seconds and handshake_bytes.
    def accept
      @reader.restrict(@limits.handshake_bytes)
      recv(deadline: handshake_deadline)
    ensure
      @reader.restrict(nil)
    end

    # Sends one message; returns when the system has taken all of it.
    def send(header, body = '', deadline: nil)
      parts = TNetstrings.dump_parts(header.to_h) + TNetstrings.dump_parts(body)
      check_open
      send_all(pieces(parts), deadline)
    end

    # Answers `accept`: the peer may stay. The header is copied, not changed.
    def peer_allowed(header, body = '')
      send(answer_header(header, true), body, deadline: handshake_deadline)
    end

    # Answers `accept`: the peer may not stay, and why. Close then; the peer reads the reason first.
    def peer_denied(header, body = '')
      send(answer_header(header, false), body, deadline: handshake_deadline)
    end

    # Sends a message and answers the next one that comes; nil when the peer has closed.
    def request(header, body = '')
      send(header, body)
      recv
    end

    # Messages until the peer closes between two of them.
    def each
      return to_enum unless block_given?

      while (message = recv)
        yield message
      end
    end

    # Lets the peer read what was sent, for at most `linger` seconds, and closes. May be called again.
    def close(linger: 1)
      @failed = true
      drain(now + linger) if linger.positive? && !@io.closed?
    rescue SystemCallError, IOError
      nil # the peer is gone already
    ensure
      @io.close unless @io.closed?
    end

    private

    # Under TLS, too, and for the plain Socket that Socket.tcp makes. Elsewhere there is nothing to wait for.
    def no_delay(socket)
      socket.setsockopt(:TCP, :NODELAY, 1) if socket.is_a?(BasicSocket) && socket.local_address.ip?
    rescue SystemCallError, IOError
      nil # a socket that is not TCP, or gone already: reading says so
    end

    def now
      Process.clock_gettime(Process::CLOCK_MONOTONIC)
    end

    def handshake_deadline
      @limits.handshake_seconds && now + @limits.handshake_seconds
    end

    def answer_header(header, allowed)
      { 'allowed' => allowed }.merge(header.to_h.reject { |key, _| key.to_s == 'allowed' })
    end

    def check_open
      raise Error.new('ERR_PETRICHOR_CLOSED', 'cannot use a connection that was closed or has failed') if @failed
    end

    # Gives what the block finds, after as many reads as that takes; nil at the end.
    def receive(handshake)
      check_open
      asked = now
      began = nil
      bytes = 0
      loop do
        found = yield
        return found unless found.nil?

        began ||= now if @reader.mid_message?
        code, deadline = patience(handshake, asked, began, bytes)
        data = read(deadline, code)
        if data.nil?
          @reader.end
          return nil
        end
        bytes += data.bytesize
        @reader.push(data)
      end
    rescue StandardError
      @failed = true
      raise
    end

    # What is late when, if the next bytes do not come: for all of a handshake, until a message begins, until it is done.
    def patience(handshake, asked, began, bytes)
      limits = @limits
      return ['ERR_PETRICHOR_HANDSHAKE_TIMEOUT', handshake] if handshake
      return ['ERR_PETRICHOR_IDLE_TIMEOUT', limits.idle_seconds && asked + limits.idle_seconds] if began.nil?
      return ['ERR_PETRICHOR_MESSAGE_TIMEOUT', nil] if limits.message_seconds.nil?

      earned = limits.message_rate.positive? ? bytes.to_f / limits.message_rate : 0
      ['ERR_PETRICHOR_MESSAGE_TIMEOUT', began + [limits.message_seconds, earned].max]
    end

    def read(deadline, code)
      loop do
        data = @io.read_nonblock(READ_BYTES, exception: false)
        case data
        when :wait_readable then wait(:wait_readable, deadline, code)
        when :wait_writable then wait(:wait_writable, deadline, code)
        else
          raise PeerTimeout, code if data && deadline && now >= deadline

          return data
        end
      end
    rescue EOFError
      nil
    end

    # Whatever goes wrong, of TLS as well: part of a message is out, and what follows it would be read as its rest.
    def send_all(pieces, deadline)
      pieces.each { |piece| write(piece, deadline) }
      nil
    rescue StandardError
      @failed = true
      raise
    end

    # Small pieces together, large ones as they are.
    def pieces(parts)
      total = parts.sum(&:bytesize)
      total <= READ_BYTES ? [parts.join] : parts.slice_when { |a, b| [a, b].any? { |p| p.bytesize > 4096 } }.map(&:join)
    end

    def write(piece, deadline)
      code = deadline ? 'ERR_PETRICHOR_HANDSHAKE_TIMEOUT' : 'ERR_PETRICHOR_PEER_NOT_READING'
      at = 0
      while at < piece.bytesize
        rest = at.zero? ? piece : piece.byteslice(at, piece.bytesize)
        until_when = deadline || (@limits.write_seconds && now + @limits.write_seconds)
        count = @io.write_nonblock(rest, exception: false)
        case count
        when :wait_readable then wait(:wait_readable, until_when, code)
        when :wait_writable then wait(:wait_writable, until_when, code)
        else at += count
        end
      end
    end

    # The socket under TLS waits; TLS itself cannot.
    def wait(what, deadline, code)
      left = deadline && deadline - now
      raise PeerTimeout, code if left && left <= 0
      raise PeerTimeout, code unless @io.to_io.public_send(what, left)
    end

    # Half-closes and waits for the peer to close: bytes unread at close would take back those on their way.
    def drain(deadline)
      # TLS says goodbye by itself when it is closed.
      return unless @io.is_a?(BasicSocket)

      @io.shutdown(Socket::SHUT_WR)
      while (left = deadline - now).positive? && @io.wait_readable(left)
        return if @io.read_nonblock(READ_BYTES, exception: false).nil?
      end
    end
  end
end
