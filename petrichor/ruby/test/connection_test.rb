# frozen_string_literal: true

require 'minitest/autorun'
require 'open3'
require 'petrichor'
require 'rbconfig'
require 'tmpdir'

class ConnectionTest < Minitest::Test
  QUICK = Petrichor::DEFAULT_LIMITS.with(
    handshake_seconds: 0.2, message_seconds: 0.2, idle_seconds: 0.2, write_seconds: 0.2
  )

  def pair(**options)
    ours, theirs = UNIXSocket.pair
    yield Petrichor::Connection.new(ours, **options), theirs
  ensure
    [ours, theirs].each { |io| io.close unless io.closed? }
  end

  def code(&block)
    assert_raises(Petrichor::Error, &block).code
  end

  def test_recv_tells_nil_body_from_the_end
    pair do |conn, peer|
      peer.write('0:}0:~')
      peer.close
      assert_equal [{}, nil], Petrichor.recv(conn).to_a
      assert_nil Petrichor.recv(conn)
    end
  end

  def test_garbage_ends_it_for_good
    pair do |conn, peer|
      peer.write("GET / HTTP/1.1\r\n")
      assert_equal 'ERR_TNS_SIZE', code { Petrichor.recv(conn) }
      assert_equal 'ERR_PETRICHOR_CLOSED', code { Petrichor.recv(conn) }
      assert_equal 'ERR_PETRICHOR_CLOSED', code { Petrichor.send(conn, {}) }
    end
  end

  { 'ERR_PETRICHOR_HEADER' => '5:hello,0:,', 'ERR_PETRICHOR_TRUNCATED' => '0:}5:hel',
    'ERR_TNS_TOO_LARGE' => '0:}999999999:', 'ERR_TNS_DUPLICATE_KEY' => '16:1:a,1:1#1:a,1:2#}0:,' }.each do |expected, bytes|
    define_method("test_#{expected.downcase}") do
      pair do |conn, peer|
        peer.write(bytes)
        peer.close
        assert_equal expected, code { Petrichor.recv(conn) }
      end
    end
  end

  def test_read_chunk_reads_any_values
    pair do |conn, peer|
      peer.write('0:~1:7#0:}5:hello,')
      assert_nil Petrichor.read_chunk(conn)
      assert_equal 7, Petrichor.read_chunk(conn)
      assert_equal [{}, 'hello'], Petrichor.recv(conn).to_a
      peer.close
      assert_raises(EOFError) { Petrichor.read_chunk(conn) }
    end
  end

  def test_answers_have_allowed_in_front_and_leave_the_header_alone
    pair do |conn, peer|
      header = { 'ident' => 'x', 'allowed' => false }
      Petrichor.peer_allowed(conn, header, 'WELCOME')
      assert_equal '29:7:allowed,4:true!5:ident,1:x,}7:WELCOME,', peer.readpartial(1000)
      assert_equal({ 'ident' => 'x', 'allowed' => false }, header)
      Petrichor.peer_denied(conn, {}, 'NO')
      assert_equal '18:7:allowed,5:false!}2:NO,', peer.readpartial(1000)
    end
  end

  def test_connect_allowed
    assert Petrichor.connect_allowed({})
    refute Petrichor.connect_allowed({}, strict: true)
    assert Petrichor.connect_allowed({ 'allowed' => true }, strict: true)
    refute Petrichor.connect_allowed({ 'allowed' => 1 })
    refute Petrichor.connect_allowed({ allowed: false })
    refute Petrichor.connect_allowed(nil)
  end

  def test_deadlines
    [['', :accept, 'ERR_PETRICHOR_HANDSHAKE_TIMEOUT'], ['0:}5:he', :accept, 'ERR_PETRICHOR_HANDSHAKE_TIMEOUT'],
     ['', :recv, 'ERR_PETRICHOR_IDLE_TIMEOUT'], ['0:}5:he', :recv, 'ERR_PETRICHOR_MESSAGE_TIMEOUT']].each do |sent, call, late|
      pair(limits: QUICK) do |conn, peer|
        peer.write(sent)
        assert_equal late, code { Petrichor.public_send(call, conn) }
      end
    end
  end

  def test_a_byte_at_a_time_does_not_hold_a_handshake_open
    pair(limits: QUICK) do |conn, peer|
      thread = Thread.new do
        "0:}100:#{'x' * 100}".each_char { |byte| peer.write(byte) && sleep(0.02) }
      rescue SystemCallError, IOError
        nil # it was given up, as it should
      end
      assert_equal 'ERR_PETRICHOR_HANDSHAKE_TIMEOUT', code { Petrichor.accept(conn) }
      conn.io.close
      thread.join
    end
  end

  def test_a_peer_that_never_reads_is_given_up
    pair(limits: QUICK) do |conn, _|
      assert_equal 'ERR_PETRICHOR_PEER_NOT_READING', code { Petrichor.send(conn, {}, 'x' * (8 << 20)) }
    end
  end

  def test_an_unknown_peer_gets_four_kibibytes
    pair do |conn, peer|
      peer.write('0:}4097:')
      assert_equal 'ERR_TNS_TOO_LARGE', code { Petrichor.accept(conn) }
    end
  end

  def nested(levels)
    levels.times.reduce('') { |data, _| "#{data.bytesize}:#{data}]" }
  end

  def test_a_send_that_tls_broke_off_is_the_last
    broken = Object.new
    def broken.write_nonblock(_bytes, exception:)
      raise OpenSSL::SSL::SSLError, 'bad record' unless exception
    end
    conn = Petrichor::Connection.new(broken)
    assert_raises(OpenSSL::SSL::SSLError) { Petrichor.send(conn, {}) }
    assert_equal 'ERR_PETRICHOR_CLOSED', code { Petrichor.send(conn, {}) }
  end

  def test_depth
    assert Petrichor::TNetstrings.parse(nested(64))
    [65, 10_000].each { |n| assert_equal 'ERR_TNS_DEPTH', code { Petrichor::TNetstrings.parse(nested(n)) } }
  end

  def test_noise_ends_in_a_value_or_a_typed_error
    chance = Random.new(5)
    seed = '30:4:user,3:zed,1:n,8:1:1#0:~]}4:body,'.b
    3000.times do
      data = seed.dup
      chance.rand(1..4).times { data.setbyte(chance.rand(data.bytesize), '0123456789:,#^!~}]-x'.getbyte(chance.rand(20))) }
      reader = Petrichor::MessageReader.new
      begin
        reader.push(data)
        nil while reader.next
        reader.end
      rescue Petrichor::Error => e
        assert_match(/\AERR_/, e.code)
      end
    end
  end

  def test_values_that_cannot_be_written
    [Float::NAN, Float::INFINITY, Object.new, { 1 => 2 }].each do |value|
      assert_equal 'ERR_TNS_VALUE', code { Petrichor::TNetstrings.dump(value) }
    end
  end

  def test_symbols_only_on_request
    assert_equal({ 'a' => 'b' }, Petrichor::TNetstrings.parse('8:1:a,1:b,}'))
    assert_equal({ a: 'b' }, Petrichor::TNetstrings.parse('8:1:a,1:b,}', symbols: true))
  end

  def serve(context = nil)
    listener = TCPServer.new('127.0.0.1', 0)
    thread = Thread.new do
      io = listener.accept
      io = Petrichor.accept_tls(io, context) if context
      conn = Petrichor::Connection.new(io)
      Petrichor.accept(conn)
      Petrichor.peer_allowed(conn, {}, 'WELCOME')
      conn.each { |message| Petrichor.send(conn, message.header, message.body) }
      conn.close
    rescue OpenSSL::SSL::SSLError, SystemCallError
      nil # a client that does not trust us
    ensure
      listener.close
    end
    yield listener.addr[1]
    thread.join
  end

  def test_connect_over_tcp
    serve do |port|
      conn, header, body = *Petrichor.connect('127.0.0.1', port, { user: 'zed' })
      assert Petrichor.connect_allowed(header, strict: true)
      assert_equal 'WELCOME', body
      assert conn.io.getsockopt(:TCP, :NODELAY).bool
      large = Random.new(1).bytes(5_000_000)
      assert_equal [{ 'n' => 1 }, large], Petrichor.request(conn, { n: 1 }, large).to_a
      conn.close
    end
  end

  def certificate
    Dir.mktmpdir do |dir|
      cert, key = File.join(dir, 'cert.pem'), File.join(dir, 'key.pem')
      system('openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1',
             '-keyout', key, '-out', cert, '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1',
             err: File::NULL, exception: true)
      yield cert, key
    end
  end

  def test_tls_checks_who_the_server_is
    certificate do |cert, key|
      serve(Petrichor.server_context(cert: cert, key: key)) do |port|
        conn, _, body = *Petrichor.connect('127.0.0.1', port, {}, tls: Petrichor.client_context(ca_file: cert))
        assert_equal ['WELCOME', Petrichor::ALPN], [body, conn.io.alpn_protocol]
        assert conn.io.to_io.getsockopt(:TCP, :NODELAY).bool
        assert_equal 'y' * 2_000_000, Petrichor.request(conn, {}, 'y' * 2_000_000).body
        conn.close
      end
      serve(Petrichor.server_context(cert: cert, key: key)) do |port|
        assert_raises(OpenSSL::SSL::SSLError) { Petrichor.connect('127.0.0.1', port, {}, tls: true) }
      end
    end
  end

  def test_samples_talk_to_each_other
    root = File.expand_path('..', __dir__)
    ruby = [RbConfig.ruby, "-I#{root}/lib"]
    IO.popen([*ruby, "#{root}/samples/server.rb", '127.0.0.1', '0']) do |server|
      port = server.gets.split.last
      said, = Open3.capture2(*ruby, "#{root}/samples/client.rb", '127.0.0.1', port, 'zed', stdin_data: "hello\nworld\n")
      assert_equal "CONNECTED WELCOME\n> hello\n> world\n> ", said
      assert_match(/RECEIVED zed/, server.gets)
    ensure
      Process.kill(:TERM, server.pid)
    end
  end
end
