import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConfigurationError } from './configuration-error.ts'
import { parseConfiguration } from './parse-configuration.ts'

const sample = `<?xml version="1.0"?>
<?xml-stylesheet type="text/xsl" href="configuration.xsl"?>
<!-- a comment -->
<configuration xmlns:xi="http://www.w3.org/2001/XInclude">
  <property>
    <name> fs.defaultFS </name>
    <value>hdfs://n&amp;1:8020</value>
    <description>with <b>markup</b></description>
    <final>true</final>
  </property>
  <property name="dfs.replication" value="2" final="false"/>
  <property><name>cdata</name><value><![CDATA[<a> & b]]></value></property>
  <property><name>no.value</name></property>
  <xi:include href="more.xml"><xi:fallback><property><name>f</name><value>1</value></property></xi:fallback></xi:include>
  <include href="plain.xml"/>
</configuration>`

const parsed = [
  { kind: 'property', name: 'fs.defaultFS', value: 'hdfs://n&1:8020', final: true },
  { kind: 'property', name: 'dfs.replication', value: '2', final: false },
  { kind: 'property', name: 'cdata', value: '<a> & b', final: false },
  {
    kind: 'include',
    href: 'more.xml',
    fallback: [{ kind: 'property', name: 'f', value: '1', final: false }],
  },
  { kind: 'include', href: 'plain.xml', fallback: undefined },
]

test('parseConfiguration reads elements, attributes, CDATA and includes', () => {
  assert.deepEqual(parseConfiguration(sample, 'a.xml'), parsed)
})

test('parseConfiguration names the file when the XML is cut at any byte', () => {
  for (let length = 0; length < sample.length; length += 1) {
    assert.throws(
      () => parseConfiguration(sample.slice(0, length), 'a.xml'),
      (error) => error instanceof ConfigurationError && error.message.includes('a.xml'),
      `${length} characters`,
    )
  }
})

test('parseConfiguration refuses another root element and unknown entities', () => {
  assert.throws(() => parseConfiguration('<html></html>', 'x'), { code: 'ERR_CONF_XML', message: /<html>/ })
  const bomb = '<!DOCTYPE c [<!ENTITY a "aaa">]><configuration><property>&a;</property></configuration>'
  assert.throws(() => parseConfiguration(bomb, 'x'), { code: 'ERR_CONF_XML' })
})

test('parseConfiguration refuses elements nested too deep', () => {
  assert.throws(() => parseConfiguration(`<configuration>${'<a>'.repeat(1000)}`, 'x'), {
    code: 'ERR_CONF_LIMIT',
  })
})
