# frozen_string_literal: true

# The echo client of the protocol's first description, line by line.
#   ruby -Ilib samples/client.rb HOST PORT USER

require 'petrichor'
require 'securerandom'

VERSION = '0.1'

host, port, user = ARGV
ident = { 'user' => user, 'ident' => SecureRandom.hex(16), 'version' => VERSION }

conn, header, body = *Petrichor.connect(host, port.to_i, ident)

if Petrichor.connect_allowed(header)
  puts "CONNECTED #{body}"
else
  puts "YOU WERE DENIED #{body}"
  exit 1
end

until header.nil?
  print '> '
  $stdout.flush
  msg = $stdin.gets(chomp: true)
  break if msg.nil?

  header, reply = *Petrichor.request(conn, {}, msg)
  puts reply
end

conn.close
